//! What is particular to a Raspberry Pi.

use super::find::Found;
use std::fs;
use std::path::Path;

/// Labels of the chips whose lines are the Pi's own GPIO numbers: Pi 0 to 3, Pi 4, Pi 5. The chips' numbers have changed
/// from kernel to kernel (raspberrypi/linux #6144), their labels have not.
pub(super) const LABELS: [&str; 3] = ["pinctrl-bcm2835", "pinctrl-bcm2711", "pinctrl-rp1"];

/// What else such a line does, if something does: the kernel gives it away all the same.
fn second_use(offset: u32) -> Option<&'static str> {
    match offset {
        0 | 1 => Some("the EEPROM of add-on boards"),
        2 | 3 => Some("I2C, and has a pull-up resistor on the board"),
        7..=11 => Some("SPI"),
        14 | 15 => Some("the serial console"),
        _ => None,
    }
}

/// What the owner of this line should know. `driven` if it is an output.
pub(in crate::devices) fn warnings(found: &Found, driven: bool, sys: &Path) -> Vec<String> {
    if !LABELS.contains(&found.label.as_str()) {
        return Vec::new();
    }
    let second = second_use(found.offset).map(|other| {
        format!("GPIO{} is also for {other}: make sure that nothing else uses it, or take another line", found.offset)
    });
    // raspberrypi/linux #6117 is about just this: a heater that stays on.
    let kept = driven
        && ["pinctrl_bcm2835", "pinctrl_rp1"].iter().any(|module| {
            let parameter = sys.join("module").join(module).join("parameters/persist_gpio_outputs");
            fs::read_to_string(parameter).is_ok_and(|value| value.trim() == "Y")
        });
    let kept = kept.then(|| {
        "this kernel keeps an output as it is when its process is killed: add `dtparam=strict_gpiod` to \
         /boot/firmware/config.txt and reboot, and have a resistor pull the line to its safe level"
            .to_owned()
    });
    second.into_iter().chain(kept).collect()
}
