//! The texts that cells name by number (sharedStrings.bin).

use std::io::Read;

use super::super::guard::{Refusal, STRINGS, TEXTS};
use super::record::{Count, Records};

/// Reads the texts. Letters that are set differently within a text are joined; readings for East Asian texts left out.
pub(super) fn read(part: impl Read, count: &mut Count) -> Result<Vec<Box<str>>, Refusal> {
    let mut records = Records::new(part, count);
    let mut strings: Vec<Box<str>> = Vec::new();
    let mut room = TEXTS;
    let mut ended = false;
    while let Some(mut record) = records.next()? {
        match record.kind {
            // BrtSSTItem. The count that BrtBeginSst declares is not trusted: memory is taken text by text.
            19 if !record.future => {
                let text = record.bytes.u8().and_then(|_| record.bytes.text()).ok_or_else(Refusal::damaged)?;
                room = room.checked_sub(text.len()).ok_or_else(too_long)?;
                if strings.len() >= STRINGS {
                    return Err(Refusal::too_large("it has more than a million different texts"));
                }
                strings.push(text.into());
            }
            160 => ended = true,
            _ => {}
        }
    }
    if ended { Ok(strings) } else { Err(Refusal::damaged()) }
}

fn too_long() -> Refusal {
    Refusal::too_large(&format!("its texts take more than {} megabytes together", TEXTS / 1024 / 1024))
}
