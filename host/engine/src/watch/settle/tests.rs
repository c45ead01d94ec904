//! Files that are written in every way, in virtual time.

use super::*;
use proptest::prelude::*;

/// What a file holds from some time on.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Holds {
    Nothing,
    Locked,
    Empty,
    /// The beginning of something.
    Cut,
    Bare,
    /// A build, by its number. The first one is known at the start.
    Build(u8),
}

use Hint::*;
use Holds::*;

impl Holds {
    fn found(self) -> Found {
        let bytes = |name: &str, form| Found::Bytes(Digest::of(name.as_bytes()), form);
        match self {
            Nothing => Found::Nothing,
            Locked => Found::Unreadable("permission denied".into()),
            Empty => bytes("", Form::Empty),
            Cut => bytes("cut", Form::Cut("cut".into())),
            Bare => bytes("bare", Form::Bare),
            Build(number) => bytes(&number.to_string(), Form::Whole),
        }
    }
}

fn at(milliseconds: u64) -> Instant {
    Instant::ORIGIN + Duration::from_millis(milliseconds)
}

/// Plays a script of when something is heard, and what the file holds from then on. What comes of it, and when.
fn play(content: Content, script: &[(u64, Hint, Holds)]) -> Vec<(u64, Holds, Verdict)> {
    let known = Some(Digest::of(b"1"));
    let mut settle = Settle::new(content, known);
    let (mut holds, mut script, mut verdicts) = (Build(1), script.iter().peekable(), Vec::new());
    // A minute after the last, everything is over: what still wants to be looked at is a loop.
    let over = at(script.clone().next_back().map_or(0, |(when, ..)| *when) + 60_000);
    loop {
        let next = script.peek().map(|(when, ..)| at(*when));
        match (next, settle.due()) {
            (Some(next), due) if due.is_none_or(|due| next <= due) => {
                let (_, hint, now) = script.next().unwrap();
                holds = *now;
                settle.hint(next, *hint);
            }
            (_, Some(due)) if due <= over => {
                assert!(settle.begin(due), "it is due");
                let verdict = settle.found(due, holds.found());
                if verdict != Verdict::Nothing {
                    verdicts.push((due.as_nanos() / 1_000_000, holds, verdict));
                }
            }
            (_, due) => {
                assert!(due.is_none() || holds == Locked, "a loop: it is still to be looked at");
                return verdicts;
            }
        }
    }
}

fn check(script: &[(u64, Hint, Holds)], expect: &[(u64, &str)]) {
    check_of(Content::Component, script, expect);
}

fn check_of(content: Content, script: &[(u64, Hint, Holds)], expect: &[(u64, &str)]) {
    let word = |(when, holds, verdict): (u64, Holds, Verdict)| {
        let word = match verdict {
            Verdict::Nothing => unreachable!("left out"),
            Verdict::Take => format!("take {holds:?}"),
            Verdict::Incomplete(why) => format!("incomplete: {why}"),
            Verdict::Unreadable(why) => format!("unreadable: {why}"),
        };
        (when, word)
    };
    let got: Vec<_> = play(content, script).into_iter().map(word).collect();
    let expect: Vec<_> = expect.iter().map(|(when, word)| (*when, (*word).to_owned())).collect();
    assert_eq!(got, expect, "{script:?}");
}

#[test]
fn ways_of_writing() {
    // A rename.
    check(&[(0, Placed, Build(2))], &[(2, "take Build(2)")]);
    // Another link to a file that is whole, as cargo does.
    check(&[(0, Touched, Nothing), (0, Created, Build(2))], &[(5, "take Build(2)")]);
    // In place: truncated, written, closed.
    check(&[(0, Written, Empty), (1, Written, Build(2)), (1, Closed, Build(2))], &[(6, "take Build(2)")]);
    // Truncated by one, and written by the next, a while later.
    check(
        &[(0, Written, Empty), (0, Closed, Empty), (900, Written, Build(2)), (901, Closed, Build(2))],
        &[(906, "take Build(2)")],
    );
    // vim: the old one is renamed away, the new one made and written, the old one removed.
    let vim = [
        (0, Touched, Nothing),
        (0, Created, Empty),
        (1, Written, Build(2)),
        (1, Closed, Build(2)),
        (2, Touched, Build(2)),
    ];
    check(&vim, &[(7, "take Build(2)")]);
    // Removed, and there again: another one, or the same.
    check(
        &[(0, Touched, Nothing), (700, Created, Empty), (701, Written, Build(2)), (702, Closed, Build(2))],
        &[(707, "take Build(2)")],
    );
    check(&[(0, Touched, Nothing), (700, Placed, Build(1))], &[]);
    // Removed for good.
    check(&[(0, Touched, Nothing)], &[]);
}

#[test]
fn nothing_new_is_nothing() {
    check(&[(0, Touched, Build(1)), (10, Closed, Build(1)), (50, Placed, Build(1)), (90, Polled, Build(1))], &[]);
    // Taken once, whatever became of it.
    check(
        &[(0, Placed, Build(2)), (50, Touched, Build(2)), (90, Placed, Build(2)), (5000, Polled, Build(2))],
        &[(2, "take Build(2)")],
    );
    // Back to what runs: that there is nothing to do is found by who takes it.
    check(&[(0, Placed, Build(2)), (50, Placed, Build(1))], &[(2, "take Build(2)"), (52, "take Build(1)")]);
}

#[test]
fn bursts() {
    // Renames one upon the other.
    check(&[(0, Placed, Build(2)), (1, Placed, Build(3)), (2, Placed, Build(4))], &[(4, "take Build(4)")]);
    // Writes in short distances.
    let writes = |pause: u64, count: u8| {
        (0..u64::from(count)).flat_map(move |k| {
            let build = Build(u8::try_from(k).unwrap() + 2);
            [(k * pause, Written, Empty), (k * pause + 1, Closed, build)]
        })
    };
    check(&writes(4, 20).collect::<Vec<_>>(), &[(82, "take Build(21)")]);
    // In longer ones: the first is taken, being whole, and then the last.
    check(&writes(30, 20).collect::<Vec<_>>(), &[(6, "take Build(2)"), (631, "take Build(21)")]);
    // Apart: each of them.
    check(&writes(200, 2).collect::<Vec<_>>(), &[(6, "take Build(2)"), (206, "take Build(3)")]);
}

#[test]
fn slow_copies() {
    // Open all the time, whatever it looks like in between.
    check(
        &[
            (0, Created, Empty),
            (100, Written, Cut),
            (1500, Written, Bare),
            (3000, Written, Build(3)),
            (4900, Written, Build(2)),
            (4901, Closed, Build(2)),
        ],
        &[(4906, "take Build(2)")],
    );
    // Opened and closed for each part, with long pauses.
    check(
        &[
            (0, Created, Cut),
            (0, Closed, Cut),
            (4000, Written, Cut),
            (4000, Closed, Cut),
            (8000, Closed, Bare),
            (9000, Closed, Build(2)),
        ],
        &[(9005, "take Build(2)")],
    );
    // Never closed.
    check(&[(0, Written, Build(2))], &[(2000, "take Build(2)")]);
    // It stays incomplete: that is told once, and what comes then is taken.
    check(
        &[
            (0, Written, Cut),
            (100, Closed, Cut),
            (7000, Written, Cut),
            (30_000, Written, Cut),
            (30_100, Closed, Build(2)),
        ],
        &[(5100, "incomplete: cut"), (30_105, "take Build(2)")],
    );
    check(&[(0, Closed, Empty)], &[(5000, "incomplete: it is empty")]);
    // Sections that add up to no actor: it may be a part, or all there is.
    check(&[(0, Written, Bare), (1, Closed, Bare)], &[(2001, "take Bare")]);
}

#[test]
fn what_is_renamed_is_finished() {
    // Whoever renames half a component has made a bad build, which is told at once.
    check(&[(0, Placed, Cut)], &[(2, "take Cut")]);
    check(&[(0, Placed, Bare)], &[(2, "take Bare")]);
    // Written to afterwards, it is like any other.
    check(&[(0, Placed, Cut), (1, Written, Cut), (100, Closed, Build(2))], &[(105, "take Build(2)")]);
    check(&[(0, Placed, Empty)], &[(5000, "incomplete: it is empty")]);
}

#[test]
fn files_that_cannot_be_read() {
    // Between its creation and its rights.
    check(&[(0, Created, Locked), (50, Touched, Build(2))], &[(55, "take Build(2)")]);
    // Told once, and tried for ever.
    check(&[(0, Placed, Locked)], &[(5112, "unreadable: permission denied")]);
    // Readable again without anybody saying so.
    let mut settle = Settle::new(Content::Component, None);
    settle.hint(at(0), Placed);
    for now in [2, 12, 32] {
        assert!(settle.begin(at(now)), "at {now}: {:?}", settle.due());
        assert_eq!(settle.found(at(now), Locked.found()), Verdict::Nothing);
    }
    assert!(!settle.begin(at(71)) && settle.begin(at(72)));
    assert_eq!(settle.found(at(72), Build(2).found()), Verdict::Take);
}

#[test]
fn changes_that_are_found_by_looking() {
    check(&[(0, Polled, Cut), (1000, Polled, Cut), (2000, Polled, Build(2))], &[(3250, "take Build(2)")]);
    // Heard of, and then found as well.
    check(&[(0, Closed, Build(2)), (600, Polled, Build(2))], &[(5, "take Build(2)")]);
}

#[test]
fn manifests() {
    check_of(Content::Manifest, &[(0, Touched, Build(1)), (500, Touched, Build(1))], &[]);
    let save = [(0, Touched, Build(1)), (500, Written, Empty), (500, Closed, Build(2))];
    check_of(Content::Manifest, &save, &[(560, "take Build(2)")]);
}

#[test]
fn what_is_heard_during_a_look_makes_it_worthless() {
    let mut settle = Settle::new(Content::Component, None);
    settle.hint(at(0), Closed);
    assert!(settle.begin(at(5)));
    settle.hint(at(6), Written);
    assert_eq!(settle.found(at(7), Build(2).found()), Verdict::Nothing, "it was read in the middle of a write");
    assert_eq!(settle.due(), Some(at(2006)));
    // And so does what the look itself sees.
    assert!(settle.begin(at(2006)));
    assert_eq!(settle.found(at(2007), Found::Changing), Verdict::Nothing);
    assert_eq!(settle.due(), Some(at(2012)));
}

fn steps() -> impl Strategy<Value = Vec<(u64, Hint, Holds)>> {
    let hint = prop::sample::select(vec![Placed, Created, Written, Closed, Touched, Polled]);
    let build = (1u8..5).prop_map(Build);
    let holds = prop_oneof![3 => build, 1 => prop::sample::select(vec![Nothing, Locked, Empty, Cut, Bare])];
    let pause = prop_oneof![0u64..8, 0u64..200, 0u64..8000];
    prop::collection::vec((pause, hint, holds), 1..20).prop_map(|steps| {
        let mut now = 0;
        steps
            .into_iter()
            .map(|(pause, hint, holds)| {
                now += pause;
                (now, hint, holds)
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn whatever_is_written_however(script in steps()) {
        // That nothing goes round in a loop is checked by playing.
        let verdicts = play(Content::Component, &script);
        let mut running = Build(1);
        for (when, holds, verdict) in &verdicts {
            // Renamed here, and not written to since.
            let mut before = script.iter().filter(|(then, ..)| then <= when).map(|(_, hint, _)| *hint);
            let placed = before.rfind(|hint| matches!(hint, Placed | Created | Written)) == Some(Placed);
            match verdict {
                Verdict::Take => {
                    prop_assert_ne!(*holds, running, "the same twice");
                    prop_assert!(matches!(holds, Build(_) | Bare) || placed && *holds == Cut, "{:?} was taken", holds);
                    running = *holds;
                }
                Verdict::Incomplete(_) => prop_assert!(matches!(holds, Cut | Empty)),
                _ => prop_assert_eq!(*holds, Locked),
            }
        }
        // What is there in the end runs, if it is anything whole.
        let last = script.last().unwrap().2;
        prop_assert!(!matches!(last, Build(_) | Bare) || running == last, "{:?} runs, and {:?} is there", running, last);
    }
}
