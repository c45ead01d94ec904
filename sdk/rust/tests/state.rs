//! State over swaps and restarts.

use greenroom::prelude::*;
use greenroom::test::Test;

/// Declares a counter whose state has a version and a shape of its own.
macro_rules! counter {
    ($name:ident, $version:literal, [$($older:literal),*], $kept:ty, $zero:expr, $next:expr, $upgrade:expr) => {
        struct $name {
            kept: $kept,
            occasion: Option<&'static str>,
        }

        impl Actor for $name {
            type Config = ();
            type Message = Order;

            fn init(_: (), _: &mut Context<Self>) -> Result<Self> {
                Ok(Self { kept: $zero, occasion: None })
            }

            fn handle(&mut self, message: Order, ctx: &mut Context<Self>) -> Result<Next> {
                match message {
                    Order::Count => {
                        const NEXT: fn(&$kept) -> $kept = $next;
                        self.kept = NEXT(&self.kept);
                    }
                    Order::Trap => {
                        const NEXT: fn(&$kept) -> $kept = $next;
                        self.kept = NEXT(&self.kept);
                        panic!("told to");
                    }
                    Order::Show => return ctx.reply(&(&self.kept, self.occasion)),
                }
                Ok(Next::Same)
            }
        }

        impl State for $name {
            type Kept = $kept;
            const VERSION: u32 = $version;
            const OLDER: &'static [u32] = &[$($older),*];

            fn keep(&self) -> &$kept {
                &self.kept
            }

            fn resume(kept: $kept, _: (), occasion: Occasion, _: &mut Context<Self>) -> Result<Self> {
                Ok(Self { kept, occasion: Some(occasion.name()) })
            }

            fn upgrade(version: u32, old: Old<'_>) -> Result<$kept> {
                const UPGRADE: fn(u32, Old<'_>) -> Result<$kept> = $upgrade;
                UPGRADE(version, old)
            }
        }
    };
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Order {
    Count,
    Trap,
    Show,
}

counter!(First, 1, [], u32, 0, |count| count + 1, |_, _| Err(Error::new("there is none older")));
counter!(Second, 2, [1], Vec<u32>, vec![0], |counts| [&counts[..], &[1]].concat(), |_, old| Ok(vec![old.read()?]));
counter!(Ninth, 9, [], u32, 0, |count| count + 1, |_, _| Err(Error::new("there is none older")));
counter!(Broken, 3, [1, 2], u32, 0, |count| count + 1, |version, _| match version {
    1 => panic!("in the upgrade"),
    _ => Err(Error::new("this one can't be upgraded")),
});

fn shown<A: State>(counter: &mut Test<A>) -> String {
    counter
        .ask::<Message>(Order::Show)
        .map(|shown| String::from_utf8_lossy(&shown.body).into_owned())
        .expect("it answers")
}

#[test]
fn a_swap_takes_the_state_over_and_upgrades_it() {
    let mut first = Test::<First>::start(());
    first.tell(Order::Count);
    first.tell(Order::Count);
    let mut first = first.swap::<First>();
    assert_eq!(shown(&mut first), r#"[2,"swapped"]"#);
    let mut second = first.swap::<Second>();
    assert_eq!(shown(&mut second), r#"[[2],"swapped"]"#);
    second.tell(Order::Count);
    assert_eq!(shown(&mut second.swap::<Second>()), r#"[[2,1],"swapped"]"#);
}

#[test]
fn a_swap_that_fails_leaves_the_old_code_with_its_state() {
    let mut first = Test::<First>::start(());
    first.tell(Order::Count);
    let check = |first: &mut Test<First>, failed: Result<(), String>, expect: &str| {
        let why = failed.unwrap_err();
        assert!(why.contains(expect), "{why}");
        first.tell(Order::Count);
        assert!(shown(first).ends_with(",null]"), "the old incarnation carries on");
    };
    let failed = first.try_swap::<Ninth>();
    check(&mut first, failed, "state of version 1 can't be taken: version [9] can");
    let failed = first.try_swap::<Broken>();
    check(&mut first, failed, "in the upgrade");
    assert_eq!(shown(&mut first), "[3,null]");
    let mut second = Test::<Second>::start(());
    assert_eq!(second.try_swap::<Broken>(), Err("failed: this one can't be upgraded".into()));
    assert_eq!(second.try_swap::<First>(), Err("state of version 2 can't be taken: version [1] can".into()));
}

#[test]
fn a_restart_has_the_state_of_the_last_good_turn() {
    let mut counter = Test::<First>::start(()).keeping_state();
    counter.tell(Order::Count);
    counter.tell(Order::Trap);
    assert_eq!(counter.why_ended(), Some(Reason::Trapped("told to".into())));
    counter.restart();
    assert_eq!(shown(&mut counter), r#"[1,"restarted"]"#);
    counter.restart_fresh();
    assert_eq!(shown(&mut counter), "[0,null]");
}
