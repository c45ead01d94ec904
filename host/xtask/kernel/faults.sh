# A writer that traps, loops, gives up or is killed: its output is safe when anybody hears of it.

for round in 1 2 3 4 5 6 7 8 9 10; do
  on
  before=$(count device-safe heater)
  mark trap
  greenroom tell stoker trap
  await 15 reaches $((before + 1)) device-safe heater
  is "round $round: a writer that traps leaves the output safe" "$(level 17) $(driven 17)" "0 0"
  # The panic is logged in the turn, just before the trap. Both times are the host's.
  logged=$(grep '"kind":"error"' /tmp/host.log | field time)
  events device-safe heater | field microseconds | awk '{ print $1 / 1000 }' >>/tmp/took
  events device-safe heater | field time | awk -v from="$logged" '{ print ($1 - from) * 1000 }' >>/tmp/panic
  awk -v from="$(moment 'mark_write: trap')" -v to="$(moment 'gpio_value: .* set 0')" \
    'BEGIN { print (to - from) * 1000 }' >>/tmp/command
done
figure "from the end of the turn to the level, as the host tells it, ms" </tmp/took
figure "from the panic in the turn to the level, by the times of log and event, ms" </tmp/panic
figure "from the start of \`greenroom tell stoker trap\` to the level, ms" </tmp/command

for order in spin:out-of-time fail:failed grow:out-of-memory; do
  on
  before=$(count device-safe heater)
  greenroom tell stoker "${order%:*}"
  happens "${order%:*}: it is made safe" $((before + 1)) device-safe heater
  is "${order%:*}: off" "$(level 17)" 0
  await 15 reaches $((before + 1)) fault stoker
  is "${order%:*}: the reason" "$(events fault stoker | field reason)" "${order#*:}"
done

on
wget -qO- --post-data= http://127.0.0.1:8080/api/actors/stoker/kill >/dev/null
becomes "killed: off" 0 level 17

on
greenroom restart stoker >/dev/null
becomes "restarted: off" 0 level 17

greenroom tell blower spin
wget -qO- --post-data= http://127.0.0.1:8080/api/actors/blower/kill >/dev/null
becomes "killed in a turn without end: one that is active low is off" 1 level 27
