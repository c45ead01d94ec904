# Inputs: what is driven from outside arrives as readings.

is "an input is read at the start" "$(known button)" 0.0
pull 5 pull-up
becomes "pulled up" 1.0 known button
pull 5 pull-down
becomes "pulled down" 0.0 known button
for level in up down up down up down up down up; do pull 5 pull-$level; done
becomes "the last of nine changes in a row is what counts" 1.0 known button

is "a pull-up that the manifest asks for is there" "$(pull 6)" pull-up
is "active low, and high: off" "$(known float)" 0.0
pull 6 pull-down
becomes "active low, and low: on" 1.0 known float

for level in up down up down up; do pull 13 pull-$level; done
becomes "a debounced line settles" 1.0 known door
