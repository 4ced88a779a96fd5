//! A socket that speaks for many phones.

use crate::server::{extension, password};
use anyhow::{Context, Result, bail};
use sip::digest::Client;
use sip::message::{Message, Method, Name, Request, RequestBuilder, Response};
use std::collections::VecDeque;
use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

/// One socket, from which every phone of the measurement speaks.
pub(crate) struct Phones {
    socket: UdpSocket,
    at: SocketAddr,
    server: SocketAddr,
    clients: Vec<Client>,
    count: u64,
    aside: VecDeque<Message>,
}

impl Phones {
    /// Phones for all extensions of the server.
    pub(crate) fn new(server: SocketAddr, extensions: usize) -> Result<Self> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.set_read_timeout(Some(Duration::from_secs(5)))?;
        let clients = (0..extensions).map(|n| Client::new(extension(n), password(n)));
        Ok(Self {
            at: socket.local_addr()?,
            socket,
            server,
            clients: clients.collect(),
            count: 0,
            aside: VecDeque::new(),
        })
    }

    /// Registers an extension's `nth` phone, with credentials for the challenge it has, if it has one.
    pub(crate) fn register(&mut self, n: usize, nth: usize) -> Result<()> {
        let number = extension(n);
        let count = self.next();
        let request = self
            .request(
                Method::Register,
                &format!("sip:{}", self.server),
                n,
                &number,
            )
            .header(Name::CallId, format!("reg-{n}-{nth}"))
            .header(Name::CSeq, format!("{count} REGISTER"))
            .header(
                Name::Contact,
                format!("<sip:{number}@{};nth={nth}>", self.at),
            )
            .header(Name::Expires, 3_600);
        self.send_as(n, request.finish())
    }

    /// Takes the answer to a REGISTER; returns whether it was a challenge.
    pub(crate) fn registered(&mut self) -> Result<Registered> {
        let response = self.response()?;
        let user = response.from().ok();
        let user = user.and_then(|from| from.uri().user().map(|user| user.to_owned()));
        let n = user.and_then(|user| user.parse::<usize>().ok());
        let n = n.and_then(|user| user.checked_sub(1_000));
        match response.status() {
            200 => Ok(Registered::Yes),
            401 => {
                let n = n.context("whose registration?")?;
                let client = self.clients.get_mut(n).context("a known phone")?;
                client.challenged(&response)?;
                Ok(Registered::Challenged(n))
            }
            status => bail!("a registration was answered with {status}"),
        }
    }

    /// Sends an INVITE.
    pub(crate) fn invite(&mut self, from: usize, to: usize, rtp: u16) -> Result<()> {
        let count = self.next();
        let request = self
            .request(
                Method::Invite,
                &format!("sip:{}@{}", extension(to), self.server),
                from,
                &extension(to),
            )
            .header(Name::CallId, format!("call-{from}"))
            .header(Name::CSeq, format!("{count} INVITE"))
            .header(
                Name::Contact,
                format!("<sip:{}@{}>", extension(from), self.at),
            )
            .body("application/sdp", sdp(rtp));
        self.send_as(from, request.finish())
    }

    /// A request outside of any dialog.
    fn request(&mut self, method: Method, uri: &str, from: usize, to: &str) -> RequestBuilder {
        let count = self.next();
        let (at, number) = (self.at, extension(from));
        Request::build(method, uri)
            .header(
                Name::Via,
                format!("SIP/2.0/UDP {at};branch=z9hG4bK-bench-{count};rport"),
            )
            .header(Name::MaxForwards, 70)
            .header(
                Name::From,
                format!("<sip:{number}@{}>;tag=t{from}", self.server),
            )
            .header(Name::To, format!("<sip:{to}@{}>", self.server))
    }

    fn send_as(&mut self, n: usize, request: Request) -> Result<()> {
        let cnonce = format!("c{}", self.next());
        let client = self.clients.get_mut(n).context("a known phone")?;
        let request = match client.answer(&request, &cnonce) {
            Some(header) => request.rebuild().headers(&[header]).finish(),
            None => request,
        };
        self.send(request.bytes())
    }

    /// Sends bytes to the server.
    pub(crate) fn send(&self, bytes: &[u8]) -> Result<()> {
        self.socket.send_to(bytes, self.server)?;
        Ok(())
    }

    /// Where the phones are.
    pub(crate) const fn at(&self) -> SocketAddr {
        self.at
    }

    /// The challenge was answered.
    pub(crate) fn challenged(&mut self, n: usize, response: &Response) -> Result<()> {
        let client = self.clients.get_mut(n).context("a known phone")?;
        Ok(client.challenged(response)?)
    }

    /// The next message.
    pub(crate) fn receive(&mut self) -> Result<Message> {
        if let Some(message) = self.aside.pop_front() {
            return Ok(message);
        }
        let mut buffer = [0; 4_096];
        let length = self
            .socket
            .recv(&mut buffer)
            .context("the server is silent")?;
        let bytes = buffer.get(..length).unwrap_or_default();
        Message::parse(bytes)
            .map_err(|error| anyhow::anyhow!("the server sent nonsense: {error:?}"))
    }

    fn response(&mut self) -> Result<Response> {
        loop {
            match self.receive()? {
                Message::Response(response) => return Ok(response),
                // OPTIONS to see whether the phone is there.
                Message::Request(request) => {
                    let response = Response::to(&request, 200).to_tag("o").finish();
                    self.send(response.bytes())?;
                }
            }
        }
    }

    /// A number that was not used before.
    pub(crate) const fn next(&mut self) -> u64 {
        self.count += 1;
        self.count
    }
}

/// How a registration went.
pub(crate) enum Registered {
    /// The phone is registered.
    Yes,
    /// That phone was asked for its password.
    Challenged(usize),
}

/// An offer or answer of G.711.
pub(crate) fn sdp(port: u16) -> String {
    format!(
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {port} RTP/AVP 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n"
    )
}
