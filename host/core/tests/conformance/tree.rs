//! Trees as text: a line for each process, those beneath it indented by two more spaces.

use crate::outline;
use greenroom_core::system::{Blueprint, ChildSpec, Template, What};
use greenroom_core::{AutoShutdown, BackOff, Flags, GiveUp, Intensity, Restart, Shutdown, Strategy};
use std::time::Duration;

/// `1s` or `200ms`.
pub(crate) fn time(text: &str) -> Duration {
    let number = |digits: &str| digits.parse().unwrap_or_else(|_| panic!("no time: {text}"));
    match text.strip_suffix("ms") {
        Some(digits) => Duration::from_millis(number(digits)),
        None => Duration::from_secs(number(text.strip_suffix('s').unwrap_or_else(|| panic!("no time: {text}")))),
    }
}

pub(crate) fn parse(text: &str) -> Vec<ChildSpec> {
    outline::read(text, child)
}

/// One line: a name, and words in any order.
pub(crate) fn child(line: &str, children: Vec<ChildSpec>) -> ChildSpec {
    let mut words = line.split_whitespace();
    let name = words.next().unwrap().parse().unwrap();
    let (mut restart, mut shutdown, mut significant) = (Restart::Permanent, None, false);
    let mut template = Template { restart: Restart::Permanent, shutdown: Shutdown::WORKER, significant: false };
    let mut flags = Flags::default();
    let mut strategy = None;
    let mut dynamic = false;
    for word in words {
        let (word, value) = word.split_once('=').unwrap_or((word, ""));
        let (each, word) = word.strip_prefix("each-").map_or((false, word), |word| (true, word));
        let mut restarts = |when| if each { template.restart = when } else { restart = when };
        match word {
            "permanent" => restarts(Restart::Permanent),
            "transient" => restarts(Restart::Transient),
            "temporary" => restarts(Restart::Temporary),
            "significant" if each => template.significant = true,
            "significant" => significant = true,
            "brutal" | "shutdown" => {
                let how = match (word, value) {
                    ("brutal", _) => Shutdown::Brutal,
                    (_, "infinity") => Shutdown::Infinity,
                    _ => Shutdown::After(time(value)),
                };
                if each { template.shutdown = how } else { shutdown = Some(how) }
            }
            "one-for-one" => strategy = Some(Strategy::OneForOne),
            "one-for-all" => strategy = Some(Strategy::OneForAll),
            "rest-for-one" => strategy = Some(Strategy::RestForOne),
            "dynamic" => dynamic = true,
            "restarts" => flags.intensity = Intensity { restarts: value.parse().unwrap(), ..flags.intensity },
            "within" => flags.intensity = Intensity { within: time(value), ..flags.intensity },
            "auto-shutdown" if value == "any" => flags.auto_shutdown = AutoShutdown::Any,
            "auto-shutdown" if value == "all" => flags.auto_shutdown = AutoShutdown::All,
            "quarantine" => flags.give_up = GiveUp::Quarantine,
            "back-off" => {
                let reset = Duration::from_secs(1);
                flags.back_off = Some(BackOff { first: time(value), jitter: 0.0, reset, ..BackOff::default() });
            }
            _ => panic!("no such word in a tree: `{word}` in `{line}`"),
        }
    }
    let what = match strategy {
        Some(strategy) => What::Supervisor { strategy, flags, children: children.into() },
        None if dynamic => What::Dynamic { flags, template },
        None => What::Worker(Blueprint(0)),
    };
    let default = if matches!(what, What::Worker(_)) { Shutdown::WORKER } else { Shutdown::SUPERVISOR };
    ChildSpec { name, restart, shutdown: shutdown.unwrap_or(default), significant, what }
}
