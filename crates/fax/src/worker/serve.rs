//! The worker's side.

use super::frame::{self, Carrier, Order, Report};
use crate::Reason;
use crate::engine::{Audio, Error, Job, Outcome, Progress};
use crate::limits;
use crate::udptl::{End, Outbound};
use std::io::{self, Read, Write};

/// Does one fax, told through `orders`, and ends with it. When the pipe ends before, the line is gone.
///
/// # Errors
/// Those of the pipes. There is nobody left to be told of them.
pub fn serve(mut orders: impl Read, reports: impl Write) -> io::Result<()> {
    limits::worker()?;
    let mut worker = Serving {
        end: None,
        reports,
        over: false,
    };
    while !worker.over {
        let order = match frame::next(&mut orders)? {
            None => Order::HungUp,
            Some((kind, body)) => Order::read(kind, &body).ok_or(io::ErrorKind::InvalidData)?,
        };
        let last = matches!(order, Order::HungUp | Order::Cancel);
        worker.obey(order)?;
        if last {
            break;
        }
    }
    worker.reports.flush()
}

enum Either {
    Audio(Box<Audio>),
    T38(Box<End>),
}

struct Serving<W> {
    end: Option<Either>,
    reports: W,
    over: bool,
}

impl<W: Write> Serving<W> {
    fn obey(&mut self, order: Order) -> io::Result<()> {
        match (order, &mut self.end) {
            (Order::Begin(job, carrier), end) => match begin(&job, carrier) {
                Ok(begun) => *end = Some(begun),
                Err(error) => return self.cannot_begin(error),
            },
            (Order::Samples(samples), Some(Either::Audio(audio))) => {
                audio.hear(&samples);
                self.answer(samples.len())?;
            }
            (Order::Missed(samples), Some(Either::Audio(audio))) => {
                audio.miss(samples);
                self.answer(samples)?;
            }
            (Order::Datagram(datagram), Some(Either::T38(end))) => {
                // What is no datagram is as good as lost.
                let _malformed = end.take(&datagram);
            }
            (Order::Elapsed(samples), Some(Either::T38(end))) => {
                for datagram in end.elapse(samples) {
                    self.say(&Report::Datagram(datagram))?;
                }
                self.say(&Report::Elapsed)?;
            }
            (Order::HungUp, Some(Either::Audio(audio))) => audio.hang_up(),
            (Order::HungUp, Some(Either::T38(end))) => end.hang_up(),
            (Order::Cancel, Some(Either::Audio(audio))) => audio.cancel(),
            (Order::Cancel, Some(Either::T38(end))) => end.cancel(),
            // What belongs to the other carrier was under way when it changed.
            (
                Order::Samples(_)
                | Order::Missed(_)
                | Order::Datagram(_)
                | Order::Elapsed(_)
                | Order::HungUp
                | Order::Cancel,
                _,
            ) => {}
        }
        self.tell()
    }

    fn answer(&mut self, samples: usize) -> io::Result<()> {
        let mut block = vec![0; samples];
        if let Some(Either::Audio(audio)) = &mut self.end {
            audio.speak(&mut block);
        }
        self.say(&Report::Samples(block))
    }

    fn tell(&mut self) -> io::Result<()> {
        loop {
            let progress = match &mut self.end {
                Some(Either::Audio(audio)) => audio.progress(),
                Some(Either::T38(end)) => end.progress(),
                None => None,
            };
            let Some(progress) = progress else {
                return Ok(());
            };
            self.over |= matches!(progress, Progress::Ended(_));
            self.say(&Report::Progress(progress))?;
        }
    }

    fn cannot_begin(&mut self, error: Error) -> io::Result<()> {
        self.over = true;
        self.say(&Report::Progress(Progress::Ended(Outcome {
            failure: Some(match error {
                Error::Path => Reason::BadFile,
                Error::Ident | Error::Memory => Reason::Broken,
            }),
            pages: 0,
        })))
    }

    fn say(&mut self, report: &Report) -> io::Result<()> {
        self.reports.write_all(&report.frame().0)?;
        self.reports.flush()
    }
}

fn begin(job: &Job, carrier: Carrier) -> Result<Either, Error> {
    Ok(match carrier {
        Carrier::Audio => Either::Audio(Box::new(Audio::new(job)?)),
        Carrier::T38 {
            redundancy,
            datagram_max,
        } => {
            let outbound = Outbound::new(redundancy, datagram_max);
            Either::T38(Box::new(End::new(job, outbound)?))
        }
    })
}
