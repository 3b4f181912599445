//! What all engines share that get their records from somewhere else: an object in memory is read like a file.

use crate::{FileProblem, FilesRead, RecordSink, read_bytes};

impl FilesRead {
    /// Reads an object and counts it.
    pub(crate) fn read_object(&mut self, name: &str, bytes: Vec<u8>, sink: &mut impl RecordSink) {
        self.files += 1;
        self.bytes_compressed += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let object = read_bytes(name, bytes, sink);
        self.bytes_json += object.bytes_json;
        self.files_whole += u64::from(object.is_whole);
        self.files_of_another_kind += u64::from(object.is_of_another_kind);
        self.files_unreadable
            .extend(object.problem.map(|reason| FileProblem {
                path: name.to_owned(),
                reason,
            }));
    }
}
