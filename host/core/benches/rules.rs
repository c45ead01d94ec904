//! What the core's rules cost where messages meet them: questions, timers, topics, grants; and a child that ends and is
//! started again.

use greenroom_core::system::{Blueprint, ChildSpec, Effect, Input, System, What};
use greenroom_core::{
    Address, Addresses, Asks, Flags, Grant, Instant, Intensity, Message, Reason, Restart, Routes, Shutdown, TimerId,
    Timers, Topic,
};
use greenroom_measure::{Case, Step, main as measure};
use std::hint::black_box;
use std::process::ExitCode;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

/// What is known to be right.
fn parsed<T: FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error:?}"))
}

fn addresses(how_many: usize) -> Vec<Address> {
    let addresses = Addresses::new(1, [2, 3]);
    (0..how_many).map(|_| addresses.fresh()).collect()
}

/// A question that is opened and answered, while so many are open.
fn question(open: usize) -> Step {
    let actors = addresses(2);
    let (mut asks, mut now) = (Asks::default(), Instant::ORIGIN);
    for _ in 0..open {
        let request = asks.reserve();
        asks.open(request, Some(actors[0]), actors[1], now + 3600 * SECOND, ());
    }
    Box::new(move |times| {
        for _ in 0..times {
            now = now + Duration::from_micros(1);
            let request = asks.reserve();
            asks.open(request, Some(actors[0]), actors[1], now + SECOND, ());
            black_box(asks.close(request));
        }
    })
}

/// A timer that fires and is set again, while so many are set.
fn timer(set: u64) -> Step {
    let actors = addresses(100);
    let (mut timers, mut now) = (Timers::default(), Instant::ORIGIN);
    for number in 0..set {
        let due = now + Duration::from_micros(number + 1);
        timers.set(TimerId(number), actors[(number % 100) as usize], due, Some(SECOND), ());
    }
    Box::new(move |times| {
        for _ in 0..times {
            now = timers.next_due().unwrap_or(now);
            black_box(timers.pop(now));
        }
    })
}

/// A child that ends and is started again.
fn restart() -> Step {
    let addresses = Arc::new(Addresses::new(1, [2, 3]));
    let child = ChildSpec {
        name: parsed("child"),
        restart: Restart::Permanent,
        shutdown: Shutdown::Brutal,
        significant: false,
        what: What::Worker(Blueprint(1)),
    };
    let flags = Flags { intensity: Intensity { restarts: 12, within: SECOND }, ..Flags::default() };
    let mut system = System::new(&addresses, vec![child], flags);
    let mut now = Instant::ORIGIN;
    let started = |system: &mut System, now: Instant| {
        let mut last = None;
        while let Some(effect) = system.poll_effect() {
            if let Effect::Start { address, incarnation } = effect {
                last = Some((address, incarnation));
            }
        }
        let (address, incarnation) = last.unwrap_or_else(|| panic!("the core starts the child"));
        system.handle(now, Input::Started { address, incarnation });
        (address, incarnation)
    };
    system.handle(now, Input::Start);
    let mut last = started(&mut system, now);
    Box::new(move |times| {
        for _ in 0..times {
            now = now + SECOND / 10;
            let (address, incarnation) = last;
            system.handle(now, Input::Ended { address, incarnation, reason: Reason::Killed });
            last = started(&mut system, now);
        }
    })
}

const CASES: [Case; 8] = [
    Case::new("a message made, of 32 bytes", || {
        Box::new(|times| {
            for _ in 0..times {
                let kind = parsed(black_box("bounce"));
                black_box(Message::new(kind, black_box("{\"left\": 12345678, \"to\": \"pong\" }")));
            }
        })
    }),
    Case::new("a question opened and answered", || question(0)),
    Case::new("the same while 1,000 are open", || question(1_000)),
    Case::new("a timer that fires and repeats, of one", || timer(1)),
    Case::new("the same, of 1,000", || timer(1_000)),
    Case::new("who hears a topic, of 20 routes", || {
        let (mut routes, receivers) = (Routes::default(), addresses(3));
        for number in 0..20 {
            routes.set(parsed(&format!("house/room-{number}/*")), receivers.clone());
        }
        let topic: Topic = parsed("house/room-7/climate");
        Box::new(move |times| (0..times).for_each(|_| drop(black_box(routes.receivers(&topic)))))
    }),
    Case::new("a grant looked for among 5", || {
        let all = ["read:probe", "write:heater", "ask:controller", "publish:kettle/**", "tell:mash"];
        let grants = all.map(parsed::<Grant>);
        let wanted: Grant = parsed("publish:kettle/sample");
        Box::new(move |times| {
            for _ in 0..times {
                black_box(grants.iter().any(|grant| grant.covers(black_box(&wanted))));
            }
        })
    }),
    Case::new("a restart", restart),
];

fn main() -> ExitCode {
    measure(&CASES)
}
