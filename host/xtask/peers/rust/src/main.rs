//! Peers in Rust: `peers LIBRARY PATTERN UNITS` prints messages, and the CPU and wall nanoseconds that they took, of the
//! whole process, from the first message to the last, warmed up before. Each library runs on one thread.

mod clock;
mod on_actix;
mod on_kameo;
mod on_ractor;
mod roles;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [library, pattern, units] = &arguments[..] else { panic!("usage: peers LIBRARY PATTERN UNITS") };
    let units: u64 = units.parse().expect("units are a number");
    match library.as_str() {
        "kameo" => on_kameo::run(pattern, units),
        "ractor" => on_ractor::run(pattern, units),
        "actix" => on_actix::run(pattern, units),
        other => panic!("there is no library {other}"),
    }
}
