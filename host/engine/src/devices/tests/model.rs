//! Outputs against a model, under any order of what actors, time and the host can do.

use super::board::Bench;
use super::stage::{Stage, machine, output, writer};
use crate::devices::WriteError;
use greenroom_manifest::{Device, Line, Output};
use proptest::prelude::*;
use rustix::io::Errno;
use std::path::Path;

const MAX_ON: u64 = 50;

#[derive(Debug, Clone)]
enum Op {
    Claim { output: usize, writer: usize, on: bool },
    Write { output: usize, writer: usize, on: bool },
    Release { writer: usize },
    AllSafe,
    Pass { millis: u64 },
    Break(Option<Errno>),
    Unplug(bool),
}

const WRITERS: [&str; 3] = ["a", "b", "c"];

/// Both have a `max-on`; the second one's safe level is on.
fn outputs(kind: impl Fn(u32) -> Output) -> [Device; 2] {
    [("heater", false, 17), ("cooler", true, 27)]
        .map(|(name, safe, offset)| output(name, safe, Some(MAX_ON), kind(offset)))
}

fn op(broken: bool) -> impl Strategy<Value = Op> {
    let call = || (0..2usize, 0..3usize, any::<bool>());
    let good = prop_oneof![
        3 => call().prop_map(|(output, writer, on)| Op::Claim { output, writer, on }),
        4 => call().prop_map(|(output, writer, on)| Op::Write { output, writer, on }),
        1 => (0..3usize).prop_map(|writer| Op::Release { writer }),
        2 => (0..=MAX_ON + 10).prop_map(|millis| Op::Pass { millis }),
    ];
    let bad = prop_oneof![
        Just(Op::AllSafe),
        prop_oneof![Just(None), Just(Some(Errno::IO))].prop_map(Op::Break),
        any::<bool>().prop_map(Op::Unplug),
    ];
    match broken {
        true => prop_oneof![6 => good, 1 => bad].boxed(),
        false => prop_oneof![12 => good, 1 => Just(Op::AllSafe)].boxed(),
    }
}

/// What an output has to be, in as few words as there are.
#[derive(Debug, Clone)]
struct Model {
    safe: bool,
    level: bool,
    holder: Option<usize>,
    away: Option<u64>,
    latched: bool,
}

impl Model {
    fn claim(&mut self, writer: usize, on: bool) -> Result<(), WriteError> {
        match self.holder {
            Some(holder) if holder != writer => Err(WriteError::Busy(WRITERS[holder].into())),
            _ if self.latched && on != self.safe => Err(WriteError::MaxOn),
            _ => {
                self.holder = Some(writer);
                Ok(())
            }
        }
    }

    fn write(&mut self, writer: usize, on: bool, now: u64) -> Result<(), WriteError> {
        match self.holder {
            None => Err(WriteError::Unclaimed),
            Some(holder) if holder != writer => Err(WriteError::Busy(WRITERS[holder].into())),
            Some(_) if self.latched && on != self.safe => Err(WriteError::MaxOn),
            Some(_) => {
                self.level = on;
                match on == self.safe {
                    true => (self.away, self.latched) = (None, false),
                    false => self.away = self.away.or(Some(now)),
                }
                Ok(())
            }
        }
    }

    fn free(&mut self) {
        (self.holder, self.level, self.away) = (None, self.safe, None);
    }

    fn pass(&mut self, now: u64) {
        if self.away.is_some_and(|away| away + MAX_ON <= now) {
            (self.level, self.away, self.latched) = (self.safe, None, true);
        }
    }
}

proptest! {
    /// Simulated relays never fail: every answer and every level is the model's.
    #[test]
    fn outputs_follow_the_model(ops in prop::collection::vec(op(false), 1..200)) {
        let stage = Stage::simulated(&outputs(|_| Output::SimRelay));
        let mut models = [false, true].map(|safe| Model { safe, level: safe, holder: None, away: None, latched: false });
        let names = ["heater", "cooler"];
        let mut now = 0;
        for op in ops {
            match op {
                Op::Claim { output, writer: who, on } => prop_assert_eq!(
                    stage.devices.claim(names[output], writer(WRITERS[who]), f64::from(u8::from(on))),
                    models[output].claim(who, on)
                ),
                Op::Write { output, writer: who, on } => prop_assert_eq!(
                    stage.devices.write(names[output], &writer(WRITERS[who]), f64::from(u8::from(on))),
                    models[output].write(who, on, now)
                ),
                Op::Release { writer: who } => {
                    let held: Vec<_> = (0..2).filter(|output| models[*output].holder == Some(who)).collect();
                    let released = stage.devices.release(writer(WRITERS[who]).address, "it trapped");
                    let released: Vec<_> = released.iter().map(|one| one.device.as_str()).collect();
                    prop_assert_eq!(released, held.iter().map(|output| names[*output]).collect::<Vec<_>>());
                    held.iter().for_each(|output| models[*output].free());
                }
                Op::AllSafe => {
                    stage.devices.make_all_safe("the root gave up");
                    models.iter_mut().for_each(Model::free);
                }
                Op::Pass { millis } => {
                    now += millis;
                    stage.to(now);
                    models.iter_mut().for_each(|model| model.pass(now));
                }
                Op::Break(_) | Op::Unplug(_) => unreachable!("simulated relays"),
            }
            for (name, model) in names.iter().zip(&models) {
                let level = stage.devices.read(name).map(|reading| reading.value != 0.0);
                prop_assert_eq!(level, Ok(model.level), "{}", name);
                // What has to hold, whatever else the model says.
                prop_assert!(model.holder.is_some() || model.level == model.safe);
                prop_assert!(model.away.is_none_or(|away| now - away < MAX_ON));
            }
        }
    }

    /// Lines that break and chips that are unplugged, seen from outside: whenever a line can be driven, and the host has
    /// had a second to open it again, it is safe without a writer, and never longer than its `max-on` from that.
    #[test]
    fn outputs_are_safe_whenever_they_can_be(ops in prop::collection::vec(op(true), 1..200)) {
        let bench = Bench::pi();
        let plan = outputs(|offset| Output::Gpio { line: Line::Bcm(offset), active_low: false });
        let stage = Stage::open(&plan, &machine(&bench, Path::new("/nowhere"))).unwrap();
        let lines = [("heater", false, 17), ("cooler", true, 27)];
        let (mut now, mut broken, mut unplugged) = (0, None, false);
        // Who has claimed it, by the answers; since when the line is away, by the ammeter; when all was last mended.
        let (mut holders, mut away, mut mended) = ([None; 2], [None; 2], None);
        for op in ops {
            match op {
                Op::Claim { output, writer: who, on } => {
                    let claimed = stage.devices.claim(lines[output].0, writer(WRITERS[who]), f64::from(u8::from(on)));
                    if claimed.is_ok() {
                        prop_assert!(holders[output].is_none_or(|holder| holder == who));
                        holders[output] = Some(who);
                    }
                }
                Op::Write { output, writer: who, on } => {
                    let before = bench.high(lines[output].2);
                    let written = stage.devices.write(lines[output].0, &writer(WRITERS[who]), f64::from(u8::from(on)));
                    if written.is_ok() {
                        prop_assert_eq!(holders[output], Some(who));
                        prop_assert_eq!(bench.high(lines[output].2), on);
                    } else {
                        let after = bench.high(lines[output].2);
                        prop_assert!(after == before || after == lines[output].1);
                    }
                }
                Op::Release { writer: who } => {
                    stage.devices.release(writer(WRITERS[who]).address, "it trapped");
                    holders.iter_mut().filter(|holder| **holder == Some(who)).for_each(|holder| *holder = None);
                }
                Op::AllSafe => {
                    stage.devices.make_all_safe("the root gave up");
                    holders = [None; 2];
                }
                Op::Pass { millis } => {
                    // Far enough that a line is opened again, now and then.
                    now += millis * 10;
                    stage.to(now);
                }
                Op::Break(errno) => {
                    mended = Some(now);
                    broken = errno;
                    bench.break_all(errno);
                }
                Op::Unplug(out) => {
                    mended = Some(now);
                    unplugged = out;
                    bench.unplug(out);
                }
            }
            let works = broken.is_none() && !unplugged;
            let settled = works && mended.is_none_or(|mended| now >= mended + 1000);
            for (index, (name, safe, offset)) in lines.iter().enumerate() {
                let is_safe = bench.high(*offset) == *safe;
                away[index] = if is_safe { None } else { away[index].or(Some(now)) };
                if settled {
                    prop_assert!(holders[index].is_some() || is_safe, "{} is away without a writer at {}", name, now);
                    prop_assert!(away[index].is_none_or(|since| now < since + MAX_ON), "{} is away too long", name);
                }
            }
        }
    }
}
