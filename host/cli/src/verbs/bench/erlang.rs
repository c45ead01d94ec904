//! The peer: Erlang's ping-pong, on one scheduler as ours on one worker.

use crate::exit::{Exit, Failure};
use std::process::Command;

/// Two processes that bounce a counter, and the CPU time of the whole virtual machine meanwhile, in nanoseconds.
const PROGRAM: &str = "
    Pong = fun Loop() -> receive {From, N} -> From ! {self(), N - 1}, Loop() end end,
    Ping = fun Loop(To) -> receive {_, 0} -> ok; {_, N} when N < 0 -> ok; {_, N} -> To ! {self(), N - 1}, Loop(To) end end,
    N = list_to_integer(hd(init:get_plain_arguments())),
    To = spawn(Pong),
    {Before, _} = statistics(runtime),
    To ! {self(), N},
    Ping(To),
    {After, _} = statistics(runtime),
    io:format(\"~p~n\", [(After - Before) * 1000000]),
    halt().";

/// CPU nanoseconds per message. None: there is no Erlang here.
pub(super) fn ping_pong(messages: u64) -> Result<Option<f64>, Failure> {
    let run =
        Command::new("erl").args(["+S", "1", "-noshell", "-eval", PROGRAM, "-extra", &messages.to_string()]).output();
    let Ok(output) = run else { return Ok(None) };
    let text = String::from_utf8_lossy(&output.stdout);
    let nanoseconds: f64 = text.trim().parse().map_err(|_| {
        Failure::new(
            Exit::Unexpected,
            format!("erl did not measure: {text}{}", String::from_utf8_lossy(&output.stderr)),
        )
    })?;
    Ok(Some(nanoseconds / messages as f64))
}
