//! Which file systems notify of every change, and which only of those that this machine makes itself.

use rustix::fs::statfs;
use std::path::Path;

/// Magic numbers and names of file systems that others change without this kernel hearing of it (`statfs(2)`,
/// `linux/magic.h`; the same choice as GNU coreutils' `tail -f` makes in `stat.c`).
const REMOTE: &[(u32, &str)] = &[
    (0x0000_6969, "NFS"),
    (0x0000_517b, "SMB"),
    (0xff53_4d42, "CIFS"),
    (0xfe53_4d42, "SMB 2"),
    (0x0102_1997, "9P"),
    (0x6573_5546, "FUSE"),
    (0x786f_4256, "a VirtualBox share"),
    (0xbacb_acbc, "a VMware share"),
    (0x7c7c_6673, "a Parallels share"),
    // What is under it may be changed without it.
    (0x794c_7630, "overlayfs"),
    (0x00c3_6400, "Ceph"),
    (0x5346_414f, "AFS"),
    (0x6b41_4653, "AFS"),
    (0x7375_7245, "Coda"),
    (0x0000_564c, "NCP"),
    (0x0116_1970, "GFS2"),
    (0x7461_636f, "OCFS2"),
    (0x0bd0_0bd0, "Lustre"),
    (0x4750_4653, "GPFS"),
    (0xaad7_aaea, "PanFS"),
];

/// The name of the file system that a path is on, if its changes may go unnoticed.
pub(super) fn deaf(path: &Path) -> Option<&'static str> {
    named(statfs(path).ok()?.f_type)
}

fn named(magic: impl TryInto<i128>) -> Option<&'static str> {
    let magic: i128 = magic.try_into().ok()?;
    // The field is signed, and as wide as a word: only its lower half counts.
    let magic = magic & 0xffff_ffff;
    REMOTE.iter().find(|(known, _)| i128::from(*known) == magic).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn magic_numbers() {
        let check = |magic: i64, expect| assert_eq!(named(magic), expect, "{magic:#x}");
        check(0x6969, Some("NFS"));
        check(0xff53_4d42, Some("CIFS"));
        // As a 32-bit machine has it.
        check(i64::from(0xff53_4d42_u32 as i32), Some("CIFS"));
        check(0x794c_7630, Some("overlayfs"));
        check(0xef53, None); // ext4
        check(0x0102_1994, None); // tmpfs
    }

    #[test]
    fn a_path_that_is_not_there_is_on_none() {
        assert_eq!(deaf(Path::new("/is/not/there")), None);
    }
}
