# A DS18B20 on a simulated bus, behind the kernel's own driver.

SENSOR=/sys/module/w1_ds18b20_sim/parameters
set_to() {
  echo "$2" >"$SENSOR/$1"
}
told() {
  count device-missing probe
}

becomes "a thermometer is read" 21.5 known probe
set_to temp_mc 66125,0,0,0
becomes "it gets warmer" 66.125 known probe
set_to temp_mc -10125,0,0,0
becomes "below zero" -10.125 known probe

before=$(told)
set_to crc_err 1
await 5 prints 0 cat $SENSOR/crc_err
becomes "one wrong checksum is the driver's business" -10.125 known probe
is "and is not told" "$(told)" "$before"

set_to crc_err 1000000
becomes "checksums that stay wrong: missing" missing known probe
says "and says why" "$(missing probe)" "check its wiring and its pull-up resistor"
set_to crc_err 0
becomes "it is back" -10.125 known probe

set_to por 1
becomes "85 degrees at power-on: missing" missing known probe
says "and says why" "$(missing probe)" "85 °C is its value at power-on"
is "and 85 has not been taken for a value" "$(value probe)" -10.125
set_to por 0
set_to temp_mc 85000,0,0,0
becomes "85 degrees that were measured are a value" 85.0 known probe
set_to temp_mc 21500,0,0,0
becomes "it gets colder" 21.5 known probe

set_to count 0
becomes "unplugged: missing" missing known probe
says "and says why" "$(missing probe)" "does not answer"
forgotten() {
  missing probe | grep -q "there is no sensor on the 1-wire bus"
}
if await 30 forgotten; then ok "when the kernel has forgotten it, that is what is said"; else
  no "when the kernel has forgotten it, that is what is said" "$(missing probe)"
fi
set_to temp_mc 22000,0,0,0
set_to count 1
becomes "plugged in again: a value" 22.0 known probe
is "each was told once" "$(told)" $((before + 3))
answers "the host is alive"
stop TERM
is "and ends in order" "$code" 0
