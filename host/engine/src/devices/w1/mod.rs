//! DS18B20 thermometers on a 1-wire bus, through the kernel's `w1_therm`.

mod conversion;
mod thermometer;

pub(super) use thermometer::{Thermometer, bus};
