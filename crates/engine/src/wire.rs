//! The little-endian building blocks of every record and document the engine writes: explicit
//! lengths, no padding, and a reader that cannot go out of bounds.

/// Bytes that do not have the form they must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadBytes;

impl std::fmt::Display for BadBytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("stored bytes do not have the form of their version")
    }
}

impl std::error::Error for BadBytes {}

/// Appends values to a buffer.
#[derive(Debug, Default)]
pub struct Writer {
    /// What was written.
    pub bytes: Vec<u8>,
}

impl Writer {
    /// Appends one byte.
    pub fn u8(&mut self, value: u8) -> &mut Self {
        self.bytes.push(value);
        self
    }

    /// Appends two bytes.
    pub fn u16(&mut self, value: u16) -> &mut Self {
        self.fixed(&value.to_le_bytes())
    }

    /// Appends four bytes.
    pub fn u32(&mut self, value: u32) -> &mut Self {
        self.fixed(&value.to_le_bytes())
    }

    /// Appends eight bytes.
    pub fn u64(&mut self, value: u64) -> &mut Self {
        self.fixed(&value.to_le_bytes())
    }

    /// Appends eight bytes.
    pub fn i64(&mut self, value: i64) -> &mut Self {
        self.fixed(&value.to_le_bytes())
    }

    /// Appends sixteen bytes.
    pub fn i128(&mut self, value: i128) -> &mut Self {
        self.fixed(&value.to_le_bytes())
    }

    /// Appends bytes whose number the reader knows.
    pub fn fixed(&mut self, bytes: &[u8]) -> &mut Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    /// Appends a u32 length and the bytes.
    pub fn blob(&mut self, bytes: &[u8]) -> &mut Self {
        self.u32(u32::try_from(bytes.len()).unwrap_or(u32::MAX)).fixed(bytes)
    }

    /// Appends a text as a blob.
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.blob(text.as_bytes())
    }
}

/// Reads values from a buffer.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Reads from `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The next `length` bytes.
    ///
    /// # Errors
    /// [`BadBytes`] when there are fewer.
    pub fn take(&mut self, length: usize) -> Result<&'a [u8], BadBytes> {
        let (head, rest) = self.rest.split_at_checked(length).ok_or(BadBytes)?;
        self.rest = rest;
        Ok(head)
    }

    /// The next `N` bytes.
    ///
    /// # Errors
    /// [`BadBytes`] when there are fewer.
    pub fn fixed<const N: usize>(&mut self) -> Result<[u8; N], BadBytes> {
        let (head, rest) = self.rest.split_first_chunk::<N>().ok_or(BadBytes)?;
        self.rest = rest;
        Ok(*head)
    }

    /// One byte.
    ///
    /// # Errors
    /// [`BadBytes`] at the end.
    pub fn u8(&mut self) -> Result<u8, BadBytes> {
        self.fixed::<1>().map(|[byte]| byte)
    }

    /// Two bytes.
    ///
    /// # Errors
    /// [`BadBytes`] at the end.
    pub fn u16(&mut self) -> Result<u16, BadBytes> {
        self.fixed().map(u16::from_le_bytes)
    }

    /// Four bytes.
    ///
    /// # Errors
    /// [`BadBytes`] at the end.
    pub fn u32(&mut self) -> Result<u32, BadBytes> {
        self.fixed().map(u32::from_le_bytes)
    }

    /// Eight bytes.
    ///
    /// # Errors
    /// [`BadBytes`] at the end.
    pub fn u64(&mut self) -> Result<u64, BadBytes> {
        self.fixed().map(u64::from_le_bytes)
    }

    /// Eight bytes.
    ///
    /// # Errors
    /// [`BadBytes`] at the end.
    pub fn i64(&mut self) -> Result<i64, BadBytes> {
        self.fixed().map(i64::from_le_bytes)
    }

    /// Sixteen bytes.
    ///
    /// # Errors
    /// [`BadBytes`] at the end.
    pub fn i128(&mut self) -> Result<i128, BadBytes> {
        self.fixed().map(i128::from_le_bytes)
    }

    /// A u32 length and that many bytes.
    ///
    /// # Errors
    /// [`BadBytes`] when there are fewer.
    pub fn blob(&mut self) -> Result<&'a [u8], BadBytes> {
        let length = self.u32()?;
        self.take(length as usize)
    }

    /// A blob that is UTF-8.
    ///
    /// # Errors
    /// [`BadBytes`] when it is not.
    pub fn text(&mut self) -> Result<&'a str, BadBytes> {
        std::str::from_utf8(self.blob()?).map_err(|_| BadBytes)
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Confirms that nothing is left.
    ///
    /// # Errors
    /// [`BadBytes`] when something is.
    pub fn end(self) -> Result<(), BadBytes> {
        if self.rest.is_empty() { Ok(()) } else { Err(BadBytes) }
    }
}
