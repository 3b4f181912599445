//! From a file to its text: gzip is told by its first bytes, never by the name.

use std::io::Read as _;
use std::path::Path;

use flate2::bufread::GzDecoder;

const GZIP_MAGIC: &[u8] = &[0x1f, 0x8b];
/// DEFLATE packs at most 1,032 to one; a trailer that promises more is not believed.
const MOST_PACKED: usize = 1032;
/// No file of CloudTrail's is a hundredth of this, unpacked.
const MOST_BYTES: usize = 512 << 20;

/// A file's text.
pub(super) struct Unpacked {
    pub(super) text: String,
    pub(super) bytes_compressed: u64,
    /// Why the text is not all of the file.
    pub(super) problem: Option<String>,
}

pub(super) fn file(path: &Path) -> std::io::Result<Unpacked> {
    let limit = u64::try_from(MOST_BYTES).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    std::fs::File::open(path)?
        .take(limit)
        .read_to_end(&mut bytes)?;
    let bytes_compressed = std::fs::metadata(path)?.len();
    let named_gzip = path.extension().is_some_and(|end| end == "gz");
    let (bytes, mut problem) = if bytes.starts_with(GZIP_MAGIC) {
        gzip(&bytes)
    } else if bytes.is_empty() && named_gzip {
        (bytes, Some("is empty, which no gzip file is".to_owned()))
    } else {
        (bytes, None)
    };
    if bytes_compressed > limit || bytes.len() >= MOST_BYTES {
        problem = Some(format!(
            "is larger than {} MB; the beginning was read",
            MOST_BYTES >> 20
        ));
    }
    // Bytes that are no text can only stand inside of a text's quotes, where another sign for them does no harm.
    let text = String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    Ok(Unpacked {
        text,
        bytes_compressed,
        problem,
    })
}

fn gzip(packed: &[u8]) -> (Vec<u8>, Option<String>) {
    match at_once(packed) {
        Some(text) => (text, None),
        None => member_by_member(packed),
    }
}

/// The fast way, for one whole member: its size and checksum are those that the file ends with.
fn at_once(packed: &[u8]) -> Option<Vec<u8>> {
    let [a, b, c, d, size @ ..] = *packed.last_chunk::<8>()?;
    let size = usize::try_from(u32::from_le_bytes(size)).ok()?;
    if size > MOST_BYTES || size / MOST_PACKED > packed.len() {
        return None;
    }
    let mut text = vec![0; size];
    let written = libdeflater::Decompressor::new().gzip_decompress(packed, &mut text);
    let mut checksum = libdeflater::Crc::new();
    checksum.update(&text);
    let is_whole = written.ok()? == size && checksum.sum() == u32::from_le_bytes([a, b, c, d]);
    is_whole.then_some(text)
}

/// The patient way: several members, padding, and whatever is left of a damaged file.
fn member_by_member(packed: &[u8]) -> (Vec<u8>, Option<String>) {
    let mut text = Vec::new();
    let mut left = packed;
    while left.starts_with(GZIP_MAGIC) {
        let room = u64::try_from(MOST_BYTES - text.len()).unwrap_or_default();
        let mut member = GzDecoder::new(left);
        if let Err(error) = member.by_ref().take(room).read_to_end(&mut text) {
            return (
                text,
                Some(format!(
                    "is a damaged gzip file ({error}); what lies before the damage was read"
                )),
            );
        }
        if text.len() >= MOST_BYTES {
            return (text, None);
        }
        left = member.into_inner();
    }
    let problem = left
        .iter()
        .any(|byte| *byte != 0)
        .then(|| "goes on behind the end of its gzip data; what lies before was read".to_owned());
    (text, problem)
}
