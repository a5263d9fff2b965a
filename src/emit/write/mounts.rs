//! Where another file system, or another part of one, is mounted: nothing is moved in, out or over such a place.

use std::path::Path;

/// Whether something is mounted at `path`, be it a folder or a file. What lies in a folder lies where the folder does.
#[cfg(target_os = "linux")]
pub fn is_mount(path: &Path) -> bool {
    use rustix::fs::{AtFlags, CWD, StatxFlags, statx};
    let Some(parent) = path.parent() else { return true };
    let look = |path: &Path| statx(CWD, path, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::MNT_ID).ok();
    let (Some(here), Some(above)) = (look(path), look(parent)) else { return false };
    if (here.stx_dev_major, here.stx_dev_minor) != (above.stx_dev_major, above.stx_dev_minor) {
        return true;
    }
    let known = [&here, &above].iter().all(|about| about.stx_mask & StatxFlags::MNT_ID.bits() != 0);
    if known { here.stx_mnt_id != above.stx_mnt_id } else { is_listed(path) }
}

#[cfg(all(unix, not(target_os = "linux")))]
pub fn is_mount(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let Some(parent) = path.parent() else { return true };
    let device = |path: &Path| std::fs::symlink_metadata(path).ok().map(|about| about.dev());
    device(path).is_some() && device(path) != device(parent)
}

#[cfg(not(unix))]
pub fn is_mount(path: &Path) -> bool {
    path.parent().is_none()
}

/// Whether the system's list of mounts has this path: what an old kernel says instead of a number.
#[cfg(target_os = "linux")]
fn is_listed(path: &Path) -> bool {
    use std::os::unix::ffi::OsStrExt as _;
    let Ok(list) = std::fs::read("/proc/self/mountinfo") else { return false };
    let path = path.as_os_str().as_bytes();
    list.split(|byte| *byte == b'\n').filter_map(place).any(|place| place == path)
}

/// The place of a mount, from its line: the fifth word, in which blanks are written as octal numbers.
#[cfg(target_os = "linux")]
fn place(line: &[u8]) -> Option<Vec<u8>> {
    let word = line.split(|byte| *byte == b' ').nth(4)?;
    let mut parts = word.split(|byte| *byte == b'\\');
    let mut place = parts.next()?.to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(3)?;
        place.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok()?);
        place.extend(rest);
    }
    Some(place)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::{is_mount, place};
    use std::path::Path;

    #[test]
    fn finds_what_is_mounted() {
        assert!(is_mount(Path::new("/proc")) && is_mount(Path::new("/")));
        assert!(!is_mount(Path::new("/proc/self")) && !is_mount(Path::new("/proc/nowhere")));
    }

    #[test]
    fn reads_the_list_of_mounts() {
        let line = br"42 27 0:39 /a /srv/new\040out/b\134c rw,relatime - tmpfs tmpfs rw";
        assert_eq!(place(line).as_deref(), Some(&br"/srv/new out/b\c"[..]));
        assert_eq!(place(b""), None);
    }
}
