//! How a request and its answer are told from anything else in a pipe: each stands in a frame that names the file it is
//! about. What somebody printed by accident is passed over; a frame that breaks off is an error.

use std::io::{self, BufRead, Read as _, Write};

/// A frame opens with this, with the hash of the file it is about, and with its length.
const MAGIC: &[u8; 8] = b"\0\xFFsafe1\n";
/// And it ends with this.
const END: &[u8; 4] = b"\xFF\0.\n";
/// How many characters the hash has.
const HASH: usize = 64;
/// No frame is longer: a million cells take some 20 megabytes, and the texts of a workbook 64 at most.
const LONGEST: u64 = 512 * 1024 * 1024;
/// How much is passed over before a frame that is waited for: whoever prints more is at a loss.
const NOISE: usize = 1024 * 1024;

/// The frame by which a worker says that it is ready; it is about no file.
pub(super) const READY: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Writes one frame.
pub(super) fn write(out: &mut impl Write, about: &str, content: &[u8]) -> io::Result<()> {
    if about.len() != HASH || content.len() as u64 > LONGEST {
        return Err(io::Error::other("it does not fit into a frame"));
    }
    out.write_all(MAGIC)?;
    out.write_all(about.as_bytes())?;
    out.write_all(&(content.len() as u64).to_le_bytes())?;
    out.write_all(content)?;
    out.write_all(END)?;
    out.flush()
}

/// Reads the next frame, or the next one about a certain file: what a frame is about, and what it holds. `None` where the
/// pipe ends before one begins.
pub(super) fn read(input: &mut impl BufRead, about: Option<&str>) -> io::Result<Option<(String, Vec<u8>)>> {
    let mut seen: Vec<u8> = Vec::with_capacity(MAGIC.len());
    let mut byte = [0_u8];
    for _ in 0..NOISE {
        if input.read(&mut byte)? == 0 {
            return Ok(None);
        }
        if seen.len() == MAGIC.len() {
            seen.remove(0);
        }
        seen.extend(byte);
        if seen != MAGIC {
            continue;
        }
        seen.clear();
        let mut hash = vec![0_u8; HASH];
        input.read_exact(&mut hash)?;
        let hash = String::from_utf8(hash).unwrap_or_default();
        if about.is_none_or(|about| about == hash) {
            return content(input).map(|content| Some((hash, content)));
        }
    }
    Err(io::Error::other("there is no frame in it"))
}

fn content(input: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut length = [0_u8; 8];
    input.read_exact(&mut length)?;
    let length = u64::from_le_bytes(length);
    if length > LONGEST {
        return Err(io::Error::other("the frame is too long"));
    }
    // Taken as it comes: a length that lies takes no memory.
    let mut content = Vec::new();
    input.take(length).read_to_end(&mut content)?;
    let mut end = [0_u8; END.len()];
    input.read_exact(&mut end)?;
    if content.len() as u64 == length && &end == END {
        Ok(content)
    } else {
        Err(io::Error::other("the frame breaks off"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(about: &str, content: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        write(&mut bytes, about, content).unwrap();
        bytes
    }

    #[test]
    fn what_is_printed_between_frames_is_passed_over() {
        let (one, two) = ("1".repeat(64), "2".repeat(64));
        // A print of what a file holds may even look like a frame: it cannot hold the file's own hash.
        let pipe =
            [b"\nrunning 1 test\n\0\xFFsafe", &*frame(&two, b"forged"), b"more noise", &*frame(&one, b"true")].concat();
        let mut input = pipe.as_slice();
        assert_eq!(read(&mut input, Some(&one)).unwrap(), Some((one.clone(), b"true".to_vec())));
        assert_eq!(read(&mut input, Some(&one)).unwrap(), None);
        assert_eq!(read(&mut pipe.as_slice(), None).unwrap(), Some((two, b"forged".to_vec())));
    }

    #[test]
    fn a_frame_that_lies_or_breaks_off_is_an_error() {
        let about = "1".repeat(64);
        let whole = frame(&about, b"cells");
        for cut in 9..whole.len() {
            assert!(read(&mut &whole[..cut], None).is_err(), "{cut}");
        }
        let mut long = whole.clone();
        long[72..80].copy_from_slice(&u64::MAX.to_le_bytes());
        assert!(read(&mut long.as_slice(), None).is_err());
        let mut short = whole;
        short[72] -= 1;
        assert!(read(&mut short.as_slice(), None).is_err());
        assert!(read(&mut vec![b'x'; NOISE + 1].as_slice(), None).is_err());
        assert!(write(&mut Vec::new(), "no hash", b"").is_err());
    }
}
