//! Decoders of packed bytes, each within bounds on memory and on what may come out.

use std::cell::{Cell, RefCell};
use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;

use bzip2::read::MultiBzDecoder;
use flate2::bufread::MultiGzDecoder;
use lzma_rust2::{LzmaReader, XzReader};
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::kind::Packing;
use super::limits::{Limits, bytes};
use super::unread::Unread;

/// What is known of a stream while it is read by others.
#[derive(Debug, Default)]
pub(super) struct Meter {
    /// How many bytes came out.
    out: Cell<u64>,
    /// How many bytes may still be read before the allowance is renewed; none if that is not bounded.
    allowance: Cell<Option<u64>>,
    /// How many zero bytes came last.
    zeros: Cell<u64>,
    /// The limit that stopped it.
    stopped: RefCell<Option<Unread>>,
}

impl Meter {
    /// Bounds what is read from here on.
    pub(super) fn allow(&self, bytes: Option<u64>) {
        self.allowance.set(bytes);
    }

    /// How many zero bytes were read last.
    pub(super) fn zeros(&self) -> u64 {
        self.zeros.get()
    }

    /// The limit that stopped it, if one did.
    pub(super) fn stopped(&self) -> Option<Unread> {
        self.stopped.borrow().clone()
    }

    fn stop(&self, unread: Unread) -> io::Error {
        let error = io::Error::other(unread.reason.clone());
        self.stopped.borrow_mut().get_or_insert(unread);
        error
    }
}

/// A stream whose bytes are counted, and bounded.
pub(super) struct Metered<R> {
    source: R,
    meter: Rc<Meter>,
    most: u64,
}

impl<R: Read> Metered<R> {
    /// At most `most` bytes may come out.
    pub(super) fn new(source: R, most: u64) -> (Self, Rc<Meter>) {
        let meter = Rc::new(Meter::default());
        (Self { source, meter: Rc::clone(&meter), most }, meter)
    }
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let meter = &self.meter;
        if meter.out.get() > self.most {
            let reason = format!("it grows to more than {} when unpacked, as no configuration does", bytes(self.most));
            return Err(meter.stop(Unread::limit(reason)));
        }
        let mut length = buffer.len();
        if let Some(left) = meter.allowance.get() {
            if left == 0 && length > 0 {
                return Err(meter.stop(Unread::limit("it has a name longer than any system allows")));
            }
            length = length.min(usize::try_from(left).unwrap_or(usize::MAX));
        }
        let count = self.source.read(&mut buffer[..length])?;
        let read = &buffer[..count];
        meter.out.set(meter.out.get() + count as u64);
        meter.allowance.set(meter.allowance.get().map(|left| left - count as u64));
        let zeros = read.iter().rev().take_while(|byte| **byte == 0).count() as u64;
        meter.zeros.set(if zeros == count as u64 { meter.zeros.get() + zeros } else { zeros });
        Ok(count)
    }
}

/// How many bytes something packed may grow to.
pub(super) fn most(limits: &Limits, packed: u64) -> u64 {
    packed.saturating_mul(limits.ratio).max(limits.grown)
}

/// Unpacks a stream.
pub(super) fn unpack<'a>(packing: Packing, source: impl Read + 'a, limits: &Limits) -> io::Result<Box<dyn Read + 'a>> {
    let source = BufReader::new(source);
    let window = u32::try_from(limits.window >> 10).unwrap_or(u32::MAX);
    Ok(match packing {
        Packing::Plain => Box::new(source),
        Packing::Gzip => Box::new(MultiGzDecoder::new(source)),
        Packing::Bzip2 => Box::new(MultiBzDecoder::new(source)),
        Packing::Xz => Box::new(XzReader::new_mem_limit(source, true, window)),
        Packing::Lzma => Box::new(LzmaReader::new_mem_limit(source, window, None)?),
        Packing::Zstd => Box::new(Zstd::new(source, limits.window)),
    })
}

/// Frames of Zstandard, one after the other.
struct Zstd<R> {
    source: R,
    decoder: FrameDecoder,
    in_frame: bool,
    /// What ended the frame too early: told when all that stands before it was given out.
    failed: Option<io::Error>,
}

/// The last block of a frame, empty, and a checksum.
const FRAME_END: [u8; 7] = [1, 0, 0, 0, 0, 0, 0];

impl<R: BufRead> Zstd<R> {
    fn new(source: R, window: u64) -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(window);
        Self { source, decoder, in_frame: false, failed: None }
    }

    /// Begins the next frame; false at the end.
    fn begin(&mut self) -> io::Result<bool> {
        while !self.source.fill_buf()?.is_empty() {
            match self.decoder.init(&mut self.source) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                    let length = u64::from(length);
                    if io::copy(&mut Read::by_ref(&mut self.source).take(length), &mut io::sink())? < length {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
                Err(FrameDecoderError::WindowSizeTooBig { .. }) => return Err(io::ErrorKind::OutOfMemory.into()),
                Err(error) => return Err(self.damage(&error)),
            }
        }
        Ok(false)
    }

    /// The decoder does not tell an early end from damage.
    fn damage(&mut self, error: &FrameDecoderError) -> io::Error {
        match self.source.fill_buf() {
            Err(error) => error,
            Ok([]) => io::ErrorKind::UnexpectedEof.into(),
            Ok(_) => io::Error::new(io::ErrorKind::InvalidData, error.to_string()),
        }
    }
}

impl<R: BufRead> Read for Zstd<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if !self.in_frame {
                self.in_frame = self.begin()?;
                if !self.in_frame {
                    return Ok(0);
                }
            }
            while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
                let decoded = self.decoder.decode_blocks(&mut self.source, BlockDecodingStrategy::UptoBlocks(1));
                if let Err(error) = decoded {
                    let error = self.damage(&error);
                    if self.failed.is_some() {
                        return Err(error);
                    }
                    // The decoder keeps a window of what it has unpacked until the frame ends: so it ends here.
                    self.failed = Some(error);
                    let end = BlockDecodingStrategy::UptoBlocks(1);
                    if self.decoder.decode_blocks(&FRAME_END[..], end).is_err() {
                        break;
                    }
                }
            }
            let count = self.decoder.read(buffer)?;
            if count > 0 {
                return Ok(count);
            }
            if let Some(error) = self.failed.take() {
                return Err(error);
            }
            self.in_frame = false;
            let sums = (self.decoder.get_checksum_from_data(), self.decoder.get_calculated_checksum());
            if let (Some(said), Some(found)) = sums
                && said != found
            {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "its checksum does not fit"));
            }
        }
    }
}

/// Whether this says that what stands behind the packed bytes is not packed: tapes and some writers fill up with zeros.
pub(super) fn is_padding(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::InvalidInput && error.to_string() == "invalid gzip header"
}

/// What went wrong while `what` was unpacked, in plain words.
pub(super) fn damage(what: &str, error: &io::Error) -> Unread {
    let help = "fetch or make it again, or give the folder";
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Unread::archive(format!("truncated {what}: it ends too early"), help),
        io::ErrorKind::OutOfMemory => Unread::limit(format!("{what} that needs more memory to unpack than is allowed")),
        _ if error.raw_os_error().is_some() => Unread::system(error),
        _ => Unread::archive(format!("damaged {what}: its content cannot be unpacked"), help),
    }
}
