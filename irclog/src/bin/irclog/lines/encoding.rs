//! UTF-16, as Windows and PowerShell write it, into UTF-8.

/// How a stream is encoded, which its first bytes say.
#[derive(Debug, Default)]
pub(super) enum Encoding {
    /// Nothing has come but maybe the first byte of a mark.
    #[default]
    Unknown,
    Other,
    Utf16(Utf16),
}

#[derive(Debug)]
pub(super) struct Utf16 {
    big_endian: bool,
    /// Half of a unit.
    odd: Option<u8>,
    /// Half of a character.
    high: Option<u16>,
    text: String,
}

impl Encoding {
    /// The bytes as UTF-8, unless they are of any other encoding, which is left
    /// as it is.
    pub(super) fn decode<'a>(&'a mut self, bytes: &'a [u8]) -> &'a [u8] {
        if let Self::Unknown = self {
            *self = Self::of(bytes);
        }
        match self {
            Self::Utf16(utf16) => utf16.decode(bytes),
            Self::Unknown | Self::Other => bytes,
        }
    }

    fn of(bytes: &[u8]) -> Self {
        let big_endian = match bytes {
            [] => return Self::Unknown,
            // Without a mark, but nothing else has a NUL in each second byte.
            [0xff, 0xfe, ..] | [1..=0xff, 0, 1..=0xff, 0, 1..=0xff, 0, ..] => false,
            [0xfe, 0xff, ..] | [0, 1..=0xff, 0, 1..=0xff, 0, 1..=0xff, ..] => true,
            _ => return Self::Other,
        };
        Self::Utf16(Utf16 {
            big_endian,
            odd: None,
            high: None,
            text: String::new(),
        })
    }
}

impl Utf16 {
    fn decode(&mut self, bytes: &[u8]) -> &[u8] {
        self.text.clear();
        let mut units = Vec::with_capacity(bytes.len() / 2 + 2);
        units.extend(self.high.take());
        for &byte in bytes {
            let Some(first) = self.odd.take() else {
                self.odd = Some(byte);
                continue;
            };
            let pair = [first, byte];
            units.push(if self.big_endian {
                u16::from_be_bytes(pair)
            } else {
                u16::from_le_bytes(pair)
            });
        }
        if let Some(&last @ 0xd800..0xdc00) = units.last() {
            self.high = Some(last);
            units.pop();
        }
        let characters = char::decode_utf16(units);
        self.text.extend(
            characters
                .map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER))
                .filter(|&character| character != '\u{feff}'),
        );
        self.text.as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(bytes: &[u8], size: usize) -> String {
        let mut encoding = Encoding::default();
        let mut all = Vec::new();
        // The first piece holds the mark.
        let (first, rest) = bytes.split_at(bytes.len().min(6));
        all.extend_from_slice(encoding.decode(first));
        for piece in rest.chunks(size) {
            all.extend_from_slice(encoding.decode(piece));
        }
        String::from_utf8(all).unwrap()
    }

    #[test]
    fn both_orders_are_read_in_pieces_of_any_size() {
        let text = "ERROR:shop:größer 🚀\r\nnext\n";
        for size in 1..8 {
            for (mark, order) in [
                ("\u{feff}", true),
                ("", true),
                ("\u{feff}", false),
                ("", false),
            ] {
                let text = format!("{mark}{text}");
                let bytes: Vec<u8> = text
                    .encode_utf16()
                    .flat_map(|unit| {
                        if order {
                            unit.to_be_bytes()
                        } else {
                            unit.to_le_bytes()
                        }
                    })
                    .collect();
                assert_eq!(decoded(&bytes, size), text.trim_start_matches('\u{feff}'));
            }
        }
    }

    #[test]
    fn everything_else_is_left() {
        for text in ["", "a", "größer", "a\0b", "\0\0\0\0"] {
            assert_eq!(decoded(text.as_bytes(), 3), text);
        }
    }
}
