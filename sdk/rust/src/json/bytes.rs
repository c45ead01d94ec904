//! Putting a few bytes behind others. In a component, the instruction that copies any number of bytes is a call out of the
//! sandbox, and costs as much as all of a small message's.

/// Puts bytes behind others.
#[inline(never)]
pub(super) fn append(bytes: &[u8], to: &mut Vec<u8>) {
    append_between([], bytes, [], to);
}

/// Puts bytes behind others, with some before and after them.
#[inline(always)]
pub(super) fn append_between<const B: usize, const A: usize>(
    before: [u8; B],
    bytes: &[u8],
    after: [u8; A],
    to: &mut Vec<u8>,
) {
    let (from, length) = (to.len(), bytes.len());
    to.reserve(B + length + A);
    // SAFETY: there is room for so many more, all of which are written.
    unsafe {
        let at = to.as_mut_ptr().add(from);
        at.cast::<[u8; B]>().write(before);
        copy(bytes.as_ptr(), at.add(B), length);
        at.add(B + length).cast::<[u8; A]>().write(after);
        to.set_len(from + B + length + A);
    }
}

/// Puts the first of eight bytes behind others.
pub(super) fn append_first(length: usize, bytes: [u8; 8], to: &mut Vec<u8>) {
    let from = to.len();
    to.reserve(bytes.len());
    // SAFETY: there is room for all of them, of which no more count than are written.
    unsafe {
        to.as_mut_ptr().add(from).cast::<[u8; 8]>().write(bytes);
        to.set_len(from + length.min(bytes.len()));
    }
}

/// Copies bytes. Up to 32 of them by hand: some at the beginning, and as many at the end, which may be partly the same.
///
/// # Safety
/// As of [`std::ptr::copy_nonoverlapping`].
#[inline(always)]
unsafe fn copy(from: *const u8, to: *mut u8, length: usize) {
    /// As many as an `N` takes at both ends.
    unsafe fn ends<N>(from: *const u8, to: *mut u8, length: usize) {
        let last = length - size_of::<N>();
        // SAFETY: the caller's, who has at least as many bytes as an `N`.
        unsafe {
            let (first_of, last_of) = (from.cast::<N>().read_unaligned(), from.add(last).cast::<N>().read_unaligned());
            to.cast::<N>().write_unaligned(first_of);
            to.add(last).cast::<N>().write_unaligned(last_of);
        }
    }
    // SAFETY: the caller's, and each has its length.
    unsafe {
        match length {
            33.. => to.copy_from_nonoverlapping(from, length),
            17.. => {
                ends::<u64>(from, to, 16);
                ends::<u64>(from.add(length - 16), to.add(length - 16), 16);
            }
            8.. => ends::<u64>(from, to, length),
            4.. => ends::<u32>(from, to, length),
            2.. => ends::<u16>(from, to, length),
            1 => ends::<u8>(from, to, length),
            0 => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_of_any_number_come_behind_others() {
        let bytes: Vec<u8> = (1..=80).collect();
        for length in 0..=bytes.len() {
            let mut to = vec![0];
            append(&bytes[..length], &mut to);
            append_between([b'<', b'('], &bytes[..length], [b'>'], &mut to);
            append_first(length, *b"12345678", &mut to);
            let expect =
                [&[0], &bytes[..length], b"<(", &bytes[..length], b">", &b"12345678"[..length.min(8)]].concat();
            assert_eq!(to, expect, "{length}");
        }
    }
}
