//! Objects that were fetched and are kept. A file is called by a hash of where its object is, of its ETag and of its size: a key is never
//! a file name, and an object that was written anew is fetched anew.

use std::io;
use std::path::Path;
use std::time::SystemTime;

use super::list::Object;
use super::location::S3Location;
use crate::kept::{KeptFiles, hash};

/// How the names of folders of buckets begin.
const FOLDER_BEGINNING: &str = "leastgrant-s3-";

/// Opens the folder of a location's objects below `root`, or makes one. `endpoint` tells buckets of the same name from each other. What
/// was kept of any location more than a week before `now` is removed.
///
/// # Errors
/// What the file system says.
pub fn open_kept_objects(
    root: &Path,
    location: &S3Location,
    endpoint: Option<&str>,
    now: SystemTime,
) -> io::Result<KeptFiles> {
    let parts = [
        &*location.bucket,
        &*location.prefix,
        endpoint.unwrap_or_default(),
    ];
    KeptFiles::open(root, FOLDER_BEGINNING, &parts, now)
}

/// An object's bytes, if they were kept.
pub(super) fn get(kept: &KeptFiles, object: &Object) -> Option<Vec<u8>> {
    kept.get(&name(object), Some(object.size))
}

pub(super) fn keep(kept: &KeptFiles, object: &Object, bytes: &[u8]) {
    kept.keep(&name(object), bytes);
}

fn name(object: &Object) -> String {
    hash(&[&object.key, &object.etag, &object.size.to_string()])
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn open(root: &Path, uri: &str, now: SystemTime) -> KeptFiles {
        open_kept_objects(root, &uri.parse().unwrap(), None, now).unwrap()
    }

    #[test]
    fn what_was_kept_is_found_until_the_object_is_written_anew() {
        let root = tempfile::tempdir().unwrap();
        let kept = open(root.path(), "s3://logs", SystemTime::now());
        let object = Object {
            key: "../../a\nb".to_owned(),
            etag: "\"1\"".to_owned(),
            size: 5,
        };
        assert_eq!(get(&kept, &object), None);
        keep(&kept, &object, b"hello");
        assert_eq!(get(&kept, &object).as_deref(), Some(&b"hello"[..]));
        let newer = Object {
            etag: "\"2\"".to_owned(),
            ..object.clone()
        };
        assert_eq!(get(&kept, &newer), None);
        // As a crash of the machine can leave it.
        std::fs::write(kept.folder().join(name(&object)), b"hel").unwrap();
        assert_eq!(get(&kept, &object), None);
        let mode = std::fs::metadata(kept.folder())
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o700);
        kept.remove().unwrap();
        assert_eq!(root.path().read_dir().unwrap().count(), 0);
    }

    #[test]
    fn what_is_old_and_ours_is_removed_whatever_location_it_is_of() {
        let root = tempfile::tempdir().unwrap();
        let now = SystemTime::now();
        let object = Object {
            key: "a".to_owned(),
            etag: String::new(),
            size: 1,
        };
        std::fs::create_dir(root.path().join("other")).unwrap();
        std::fs::write(root.path().join("other/a"), b"a").unwrap();
        keep(&open(root.path(), "s3://logs/one", now), &object, b"a");
        let folders = |now: SystemTime| {
            drop(open(root.path(), "s3://logs/two", now));
            root.path().read_dir().unwrap().count()
        };
        assert_eq!(folders(now), 2);
        assert_eq!(folders(now + Duration::from_secs(8 * 24 * 60 * 60)), 1);
    }
}
