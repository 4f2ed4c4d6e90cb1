//! Which messages count: the one rule that every reader follows, whoever wrote what.
//!
//! A fence with a higher epoch than all before ends what came before it. A frame counts when it is
//! of the writer whose fence is the last, and its first position is the next one. So what a writer
//! of an older epoch still sends is passed over, and so is what comes behind a message that was
//! lost on its way: that writer never said that it was durable. Where it did say so, something
//! that was promised is gone, and that is an error.

use super::envelope::{Kind, Message, Writer};
use engine::port::{PortError, PortFault, Position};

/// Where a reader stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Reading {
    /// Whose frames count; nobody's before the first fence.
    pub(super) writer: Option<Writer>,
    /// The position after the last record that counted.
    pub(super) end: Position,
}

/// What a message is to the reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The next frame.
    Frame,
    /// Another writer's time begins.
    Fence,
    /// It does not count.
    Passed,
}

impl Reading {
    /// Takes the next message.
    pub(super) fn take(&mut self, message: &Message) -> Result<Verdict, PortError> {
        let envelope = &message.envelope;
        if envelope.durable > self.end {
            let (epoch, durable, end) = (envelope.writer.epoch, envelope.durable, self.end);
            let what = format!(
                "the topic holds records up to position {end}; the writer of epoch {epoch} knew \
                 them durable up to {durable}"
            );
            return Err(PortError::new(PortFault::Missing, what));
        }
        match (envelope.kind, &message.head) {
            (Kind::Fence, _) if self.writer.is_none_or(|it| it.epoch < envelope.writer.epoch) => {
                self.writer = Some(envelope.writer);
                Ok(Verdict::Fence)
            }
            (Kind::Frame, Some(head))
                if self.writer == Some(envelope.writer) && head.first == self.end =>
            {
                self.end += u64::from(head.count);
                Ok(Verdict::Frame)
            }
            _ => Ok(Verdict::Passed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::envelope::{fence, message, read};
    use super::*;
    use engine::port::{Frame, FrameKind};

    fn writer(name: char) -> Writer {
        let epoch = u64::from(name.to_digit(36).unwrap_or(0));
        Writer { epoch, number: u64::from(name) }
    }

    /// Reads a topic told in words: `a!` a fence of writer `a`, `a3` a frame of two records from
    /// position 3, `a3<2` one whose writer knew 2 durable. What counted, and the end.
    fn check(topic: &str, counted: &str, end: Result<u64, PortFault>) {
        let mut reading = Reading::default();
        let mut taken = Vec::new();
        let mut fault = None;
        for word in topic.split(' ') {
            let name = writer(word.chars().next().unwrap_or(' '));
            let (place, durable) = word[1..].split_once('<').unwrap_or((&word[1..], "0"));
            let durable = durable.parse().expect("a position");
            let bytes = if place == "!" {
                fence(name)
            } else {
                let ends = vec![1, 2];
                let (header, records) = (Vec::new(), b"xy".to_vec());
                let frame = Frame { kind: FrameKind::Events, header, records, ends };
                message(name, durable, place.parse().expect("a position"), &frame)
            };
            let whole = read(&bytes, &String::new).expect("it is whole");
            match reading.take(&whole) {
                Ok(Verdict::Passed) => {}
                Ok(_) => taken.push(word),
                Err(error) => fault = Some(error.fault),
            }
        }
        assert_eq!(taken.join(" "), counted, "{topic}");
        assert_eq!(fault.map_or(Ok(reading.end), Err), end, "{topic}");
    }

    #[test]
    fn what_counts() {
        check("a! a0 a2 a4", "a! a0 a2 a4", Ok(6));
        // A writer of an older epoch, before and after its successor's first frame.
        check("a! a0 b! a2 b2 a4 b4", "a! a0 b! b2 b4", Ok(6));
        // A fence that is not newer fences nobody.
        check("b! b0 a! b2 a4", "b! b0 b2", Ok(4));
        check("a! a! a0", "a! a0", Ok(2));
        // Lost on its way: nothing behind it counts, until somebody begins anew where it ended.
        check("a! a0 a4 a6 b! b2", "a! a0 b! b2", Ok(4));
        check("a! a0 a0 a2", "a! a0 a2", Ok(4));
        // Before any fence nobody writes.
        check("a0 a! a0", "a! a0", Ok(2));
        // What was said to be durable must be there.
        check("a! a0 a2<2 a4<4", "a! a0 a2<2 a4<4", Ok(6));
        check("a! a0 a4<4", "a! a0", Err(PortFault::Missing));
        check("a! a0 b! b2<2 a9<4", "a! a0 b! b2<2", Ok(4));
        check("a! a0 b! a9<4", "a! a0 b!", Err(PortFault::Missing));
    }
}
