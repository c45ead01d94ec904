//! What is shown is seen whole, or not at all.

use super::model;
use greenroom_plane::Shown;
use loom::sync::Arc;
use loom::sync::atomic::{AtomicBool, Ordering};
use loom::thread;

#[test]
fn what_is_seen_was_shown_so() {
    model(3, || {
        let shown = Arc::new(Shown::default());
        let over = Arc::new(AtomicBool::new(false));
        let showing = thread::spawn({
            let (shown, over) = (shown.clone(), over.clone());
            move || {
                shown.show(b"one", 1);
                shown.hide();
                over.store(true, Ordering::Release);
                shown.show(b"second, of two words", 2);
            }
        });
        let over = over.load(Ordering::Acquire);
        match shown.look().as_ref().map(|(text, number)| (text.as_str(), *number)) {
            Some(("one", 1)) => assert!(!over, "that was hidden before"),
            None | Some(("second, of two words", 2)) => {}
            other => panic!("{other:?}"),
        }
        showing.join().unwrap();
        assert_eq!(shown.look(), Some(("second, of two words".to_owned(), 2)));
    });
}
