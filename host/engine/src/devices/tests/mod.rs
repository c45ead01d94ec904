//! The devices as the engine sees them, in virtual time and on a made-up machine.

mod board;
mod inputs;
mod lines;
mod machine;
mod model;
mod outputs;
mod stage;
mod thermometers;
mod threads;
