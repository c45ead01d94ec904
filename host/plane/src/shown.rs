//! What one thread shows of what it is at, as often as that changes, and others look at now and then: showing costs a few
//! plain stores, and no lock that who looks could hold.

use crate::sync::{AtomicU64, Ordering, fence, yield_now};

/// The longest text that is shown whole, in bytes.
const LONGEST: usize = 64;
const WORD: usize = size_of::<u64>();

/// A short text and a number, or nothing.
///
/// Who looks reads the state, what is shown, and the state again: if that is the same, nothing was changed meanwhile. (A
/// sequence lock; Boehm, "Can Seqlocks Get Along With Programming Language Memory Models?", MSPC 2012, for the fences.)
#[derive(Debug)]
pub struct Shown {
    /// How often it has changed, times four, and what it is now: [`NOTHING`], [`CHANGING`] or [`SOMETHING`].
    state: AtomicU64,
    number: AtomicU64,
    /// The text's bytes.
    length: AtomicU64,
    text: [AtomicU64; LONGEST / WORD],
}

const NOTHING: u64 = 0;
const CHANGING: u64 = 1;
const SOMETHING: u64 = 2;
const KINDS: u64 = 4;

impl Default for Shown {
    fn default() -> Self {
        let zero = || AtomicU64::new(0);
        Self { state: zero(), number: zero(), length: zero(), text: std::array::from_fn(|_| zero()) }
    }
}

impl Shown {
    /// The state that comes next. Only who shows changes it, one thread at a time.
    fn after(&self, kind: u64) -> u64 {
        (self.state.load(Ordering::Relaxed) / KINDS + 1) * KINDS + kind
    }

    /// Shows a text, of which at most 64 bytes, and a number. By one thread at a time, and each after what the one before
    /// it did.
    pub fn show(&self, text: &[u8], number: u64) {
        let text = &text[..text.len().min(LONGEST)];
        self.state.store(self.after(CHANGING), Ordering::Relaxed);
        // Who sees any of what follows, and looks at the state again, sees that it is changing.
        fence(Ordering::Release);
        self.number.store(number, Ordering::Relaxed);
        self.length.store(text.len() as u64, Ordering::Relaxed);
        for (word, bytes) in self.text.iter().zip(text.chunks(WORD)) {
            let mut whole = [0; WORD];
            whole[..bytes.len()].copy_from_slice(bytes);
            word.store(u64::from_ne_bytes(whole), Ordering::Relaxed);
        }
        self.state.store(self.after(SOMETHING), Ordering::Release);
    }

    /// Shows nothing.
    pub fn hide(&self) {
        self.state.store(self.after(NOTHING), Ordering::Release);
    }

    /// What is shown.
    pub fn look(&self) -> Option<(String, u64)> {
        loop {
            let state = self.state.load(Ordering::Acquire);
            match state % KINDS {
                NOTHING => return None,
                SOMETHING => {
                    let number = self.number.load(Ordering::Relaxed);
                    let length = self.length.load(Ordering::Relaxed) as usize;
                    let words = self.text.iter().take(length.div_ceil(WORD));
                    let mut text: Vec<_> = words.flat_map(|word| word.load(Ordering::Relaxed).to_ne_bytes()).collect();
                    fence(Ordering::Acquire);
                    if self.state.load(Ordering::Relaxed) == state {
                        text.truncate(length);
                        return Some((String::from_utf8_lossy(&text).into_owned(), number));
                    }
                }
                // It takes as long as the few stores of the thread that shows.
                _ => yield_now(),
            }
        }
    }
}
