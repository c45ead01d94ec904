# A chip is unplugged while its lines are in use, and comes back with another number.

both() {
  echo "$(level 17) $(driven 17)"
}

on
unplug pi
happens "unplugged: an input is missing" 1 device-missing button
says "and says why" "$(events device-missing button | field why)" "GPIO5 (gpiochip1:5) is gone with its chip: connect it again"
becomes "an output has no value" null value heater
happens "which is told" 1 device-failed heater
says "and says why" "$(events device-failed heater | field why)" "GPIO17 (gpiochip1:17) is gone with its chip: connect it again"
says "its writer is told" "$(greenroom ask stoker on 2>&1)" "GPIO17 (gpiochip1:17) is gone with its chip: connect it again"
answers "the host is alive"

chip late gpio-late 4
plug late
is "another chip takes the number" "$(number late)" gpiochip1
mark plugged
plug pi
is "the Pi's chip has a new one" "$(number pi)" gpiochip2
pull 17 pull-up
becomes "plugged in again: an output is safe" 0.0 known heater
is "which is seen from outside" "$(both)" "0 0"
becomes "an input has a value" 0.0 known button
for device in heater fan valve button float door; do
  happens "$device is back, and that is told" 1 device-back $device
done
on
is "its writer switches it on again" "$(value heater) $(driven 17)" "1.0 0 1"

# Once more, and nobody looks at the output meanwhile.
before=$(count device-back button)
unplug pi
happens "unplugged once more" 2 device-missing button
mark plugged
plug pi
pull 17 pull-up
happens "plugged in again" $((before + 1)) device-back button
becomes "nobody has asked for the output, and it is safe all the same" "0 0" both
