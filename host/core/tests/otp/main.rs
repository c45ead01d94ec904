//! The core against OTP: random trees and random scripts run on OTP's own supervisor and on the core, and the starts, the
//! ends, the answers and the verdict are the same. More cases with PROPTEST_CASES; a failure prints its seed, which
//! GREENROOM_SEED repeats, and the shrunk script.
#![expect(clippy::unwrap_used, reason = "a test may end at what it did not expect")]

mod case;
mod oracle;
mod player;
mod random;

use case::{Case, Step};
use oracle::Oracle;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use random::cases;
use std::cell::RefCell;
use std::hash::{BuildHasher, RandomState};

#[test]
fn supervisors_do_what_otps_do() {
    #[expect(clippy::disallowed_methods, reason = "a test may be told what to repeat")]
    let given = std::env::var("GREENROOM_SEED").ok();
    let seed = given.map_or_else(|| RandomState::new().hash_one(0), |seed| u64::from_str_radix(&seed, 16).unwrap());
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config { failure_persistence: None, max_shrink_iters: 20_000, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let oracle = RefCell::new(Oracle::start());
    let result = runner.run(&cases(), |case| compare(&case, &mut oracle.borrow_mut()));
    if let Err(failure) = result {
        panic!("GREENROOM_SEED={seed:x}\n{failure}");
    }
}

fn compare(case: &Case, oracle: &mut Oracle) -> Result<(), TestCaseError> {
    let otp = oracle.run(case);
    let core = player::play(case);
    assert_eq!(otp.len(), core.len(), "{case:?}");
    for (at, (otp, core)) in otp.into_iter().zip(core).enumerate() {
        // The first is the start of the tree, the last its stop.
        let step = at.checked_sub(1).and_then(|at| case.steps.get(at));
        let (otp, core) = (comparable(otp, step), comparable(core, step));
        if otp != core {
            let (otp, core) = (otp.join(", "), core.join(", "));
            return Err(TestCaseError::fail(format!("at {step:?}\n otp: {otp}\ncore: {core}\n")));
        }
    }
    Ok(())
}

/// Without what nobody promises: see `random` for what and why.
fn comparable(mut events: Vec<String>, step: Option<&Step>) -> Vec<String> {
    // Who waits for a supervisor that ends is told at some time until its end.
    let (told, mut events): (Vec<_>, Vec<_>) = events.drain(..).partition(|event| event == "=> no-supervisor");
    // Ends of one dynamic supervisor's children: `s3_1` and `s3_2` are of `s3`.
    let of =
        |event: &str| event.strip_prefix("ended ").and_then(|rest| rest.split_once('_')).map(|(of, _)| of.to_owned());
    events.chunk_by_mut(|one, other| of(one).is_some() && of(one) == of(other)).for_each(|ends| ends.sort());
    for list in events.iter_mut().filter(|event| event.starts_with("=> list") && event.contains('_')) {
        let mut words: Vec<_> = list.split(' ').collect();
        words[2..].sort_unstable();
        *list = words.join(" ");
    }
    if let Some(Step::Kill(id)) = step
        && id.starts_with(['s'])
    {
        let (ends, rest): (Vec<_>, Vec<_>) = events.into_iter().partition(|event| event.starts_with("ended"));
        let mut ends: Vec<_> = ends.iter().map(|end| end.split(' ').take(2).collect::<Vec<_>>().join(" ")).collect();
        ends.sort();
        events = [rest, ends].concat();
    }
    [events, told].concat()
}
