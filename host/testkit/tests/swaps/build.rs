//! Builds of a component, made of a finished one.

use greenroom_testkit::guest;

const MARKER: &[u8] = b"GREENROOM-BUILD:";

/// A build of the probe `swapper`, with its number and its fault: `none`, or a place, how many times that goes well, and
/// what happens then, as in `message 3 trap`.
pub(crate) fn build(number: u64, fault: &str) -> Vec<u8> {
    let mut bytes = guest("swapper");
    let mut places = bytes.windows(MARKER.len()).enumerate().filter(|(_, window)| *window == MARKER);
    let (at, _) = places.next().unwrap();
    assert!(places.next().is_none(), "the text that says which build it is occurs once");
    let words: Vec<_> = fault.split(' ').collect();
    let (place, times, kind) = match words[..] {
        [place, times, kind] => (place, times.parse().unwrap(), kind),
        [place, kind] => (place, 0, kind),
        _ => ("none", 0, "none"),
    };
    let text = format!("{number:08} {place:<8} {times:08} {kind:<9}");
    assert_eq!(text.len(), 36, "{fault}");
    let at = at + MARKER.len();
    bytes[at..at + text.len()].copy_from_slice(text.as_bytes());
    bytes
}

/// A component that does the same as another and has other bytes: with a custom section that says a number.
pub(crate) fn renewed(mut component: Vec<u8>, number: u64) -> Vec<u8> {
    let name = b"number";
    let content: Vec<u8> = [&[6][..], name, &number.to_le_bytes()].concat();
    component.extend([0, u8::try_from(content.len()).unwrap()]);
    component.extend(content);
    component
}
