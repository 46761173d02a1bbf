//! A client of STUN and TURN, as small as a check needs: Binding (RFC 8489), and an allocation that sends to itself
//! (RFC 8656), over UDP, TCP and TLS.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use stun_types::attribute::{ErrorCode, Nonce, Realm, Username, XorMappedAddress};
use stun_types::message::{
    BINDING, IntegrityAlgorithm, LongTermCredentials, Message, MessageClass, MessageIntegrityCredentials,
    MessageWriteVec, StunParseError, StunWriteError, TransactionId,
};
use stun_types::prelude::{MessageWrite as _, MessageWriteExt as _};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};
use tokio_rustls::client::TlsStream;
use turn_types::attribute::{Data, Lifetime, RequestedTransport, XorPeerAddress, XorRelayedAddress};
use turn_types::message::{ALLOCATE, CREATE_PERMISSION, DATA, REFRESH, SEND};

use super::port::Transport;

/// When a request over UDP is said again (RFC 8489 §6.2.1).
const RETRANSMIT: Duration = Duration::from_millis(500);
/// How often it is said.
const ATTEMPTS: u32 = 4;
/// The head of a message (RFC 8489 §5).
const HEAD_BYTES: usize = 20;
/// The longest message.
const MOST_BYTES: usize = 64 * 1024;

/// Why a check did not come through.
#[derive(Debug, thiserror::Error)]
pub(super) enum StunError {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("it did not answer")]
    NoAnswer,
    #[error("it does not speak STUN ({0})")]
    Parse(#[from] StunParseError),
    #[error("a request could not be written ({0})")]
    Write(#[from] StunWriteError),
    #[error("it refused: {code} {reason}")]
    Refused { code: u16, reason: String },
    #[error("its answer has no {0}")]
    Missing(&'static str),
    #[error("it says we are {told}, but we are {ours}")]
    WrongAddress { told: SocketAddr, ours: SocketAddr },
    #[error("other data came back than was sent")]
    OtherData,
}

/// A way to the server.
pub(super) enum Way {
    Udp(UdpSocket),
    Tcp(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Way {
    pub(super) async fn open(transport: Transport, address: SocketAddr) -> Result<Self, StunError> {
        Ok(match transport {
            Transport::Udp => {
                let any: IpAddr = if address.is_ipv4() {
                    Ipv4Addr::UNSPECIFIED.into()
                } else {
                    Ipv6Addr::UNSPECIFIED.into()
                };
                let socket = UdpSocket::bind((any, 0)).await?;
                socket.connect(address).await?;
                Self::Udp(socket)
            }
            Transport::Tcp => Self::Tcp(TcpStream::connect(address).await?),
            Transport::Tls => {
                let stream = TcpStream::connect(address).await?;
                Self::Tls(Box::new(super::tls::shake_hands(stream, &[super::tls::TURN]).await?))
            }
        })
    }

    pub(super) fn local_address(&self) -> io::Result<SocketAddr> {
        match self {
            Self::Udp(socket) => socket.local_addr(),
            Self::Tcp(stream) => stream.local_addr(),
            Self::Tls(stream) => stream.get_ref().0.local_addr(),
        }
    }

    /// Asks who we are, as the server sees it.
    pub(super) async fn binding(&mut self) -> Result<SocketAddr, StunError> {
        let request = Message::builder_request(BINDING, MessageWriteVec::new());
        let answer = self.ask(request.finish()).await?;
        let answer = answered(&answer)?;
        let address: XorMappedAddress = answer
            .attribute()
            .map_err(|_| StunError::Missing("XOR-MAPPED-ADDRESS"))?;
        Ok(address.addr(answer.transaction_id()))
    }

    /// Allocates, lets itself in, sends `data` to itself, sees it come back, and gives the allocation up. Returns the
    /// relayed address.
    pub(super) async fn relay_to_itself(
        &mut self,
        username: &str,
        password: &str,
        data: &[u8],
    ) -> Result<SocketAddr, StunError> {
        let mut account = self.introduce(username, password).await?;
        let (answer, account) = self.allocate(&mut account).await?;
        let answer = answered(&answer)?;
        let relayed: XorRelayedAddress = answer
            .attribute()
            .map_err(|_| StunError::Missing("XOR-RELAYED-ADDRESS"))?;
        let relayed = relayed.addr(answer.transaction_id());
        let there_and_back = self.permit_and_echo(account, relayed, data).await;
        // Given up whatever happened; the credential is over soon, too.
        let mut refresh = Message::builder_request(REFRESH, MessageWriteVec::new());
        refresh.add_attribute(&Lifetime::new(0))?;
        let ended = self.ask(account.sign(refresh)?).await;
        there_and_back?;
        answered(&ended?)?;
        Ok(relayed)
    }

    /// Learns realm and nonce from the refusal that every first request gets (RFC 8489 §9.2.3).
    async fn introduce(&mut self, username: &str, password: &str) -> Result<Account, StunError> {
        let mut first = Message::builder_request(ALLOCATE, MessageWriteVec::new());
        first.add_attribute(&RequestedTransport::new(RequestedTransport::UDP))?;
        let refusal = self.ask(first.finish()).await?;
        let refusal = Message::from_bytes(&refusal)?;
        let realm: Realm = refusal.attribute().map_err(|_| refused(&refusal))?;
        let nonce: Nonce = refusal.attribute().map_err(|_| StunError::Missing("NONCE"))?;
        let key = LongTermCredentials::new(username.to_owned(), password.to_owned()).to_key(realm.realm().to_owned());
        Ok(Account {
            username: username.to_owned(),
            realm: realm.realm().to_owned(),
            nonce: nonce.nonce().to_owned(),
            key: key.into(),
        })
    }

    async fn allocate<'a>(&mut self, account: &'a mut Account) -> Result<(Vec<u8>, &'a Account), StunError> {
        let mut request = Message::builder_request(ALLOCATE, MessageWriteVec::new());
        request.add_attribute(&RequestedTransport::new(RequestedTransport::UDP))?;
        let answer = self.ask(account.sign(request)?).await?;
        Ok((answer, account))
    }

    async fn permit_and_echo(&mut self, account: &Account, relayed: SocketAddr, data: &[u8]) -> Result<(), StunError> {
        let mut permission = Message::builder_request(CREATE_PERMISSION, MessageWriteVec::new());
        let id = permission.transaction_id();
        permission.add_attribute(&XorPeerAddress::new(relayed, id))?;
        answered(&self.ask(account.sign(permission)?).await?)?;
        for _ in 0..ATTEMPTS {
            let mut send = Message::builder_indication(SEND, MessageWriteVec::new());
            let id = send.transaction_id();
            send.add_attribute(&XorPeerAddress::new(relayed, id))?;
            send.add_attribute(&Data::new(data))?;
            self.send(&send.finish()).await?;
            let heard = tokio::time::timeout(RETRANSMIT, self.hear(|message| message.has_method(DATA)));
            let Ok(heard) = heard.await else { continue };
            let heard = heard?;
            let message = Message::from_bytes(&heard)?;
            let echo: Data = message.attribute().map_err(|_| StunError::Missing("DATA"))?;
            return if echo.data() == data {
                Ok(())
            } else {
                Err(StunError::OtherData)
            };
        }
        Err(StunError::NoAnswer)
    }

    /// Says a request until its answer comes.
    async fn ask(&mut self, request: Vec<u8>) -> Result<Vec<u8>, StunError> {
        let id = Message::from_bytes(&request)?.transaction_id();
        let attempts = match self {
            Self::Udp(_) => ATTEMPTS,
            Self::Tcp(_) | Self::Tls(_) => 1,
        };
        for attempt in 0..attempts {
            self.send(&request).await?;
            let patience = RETRANSMIT * 2u32.pow(attempt) * (ATTEMPTS / attempts);
            let heard = tokio::time::timeout(patience, self.hear(|message| answers(message, id)));
            if let Ok(answer) = heard.await {
                return answer;
            }
        }
        Err(StunError::NoAnswer)
    }

    async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Udp(socket) => socket.send(bytes).await.map(drop),
            Self::Tcp(stream) => stream.write_all(bytes).await,
            Self::Tls(stream) => {
                stream.write_all(bytes).await?;
                stream.flush().await
            }
        }
    }

    /// Waits for a message that is `wanted`; passes over others.
    async fn hear(&mut self, wanted: impl Fn(&Message<'_>) -> bool) -> Result<Vec<u8>, StunError> {
        loop {
            let bytes = match self {
                Self::Udp(socket) => {
                    let mut buffer = vec![0; MOST_BYTES];
                    let length = socket.recv(&mut buffer).await?;
                    buffer.truncate(length);
                    buffer
                }
                Self::Tcp(stream) => read_message(stream).await?,
                Self::Tls(stream) => read_message(stream).await?,
            };
            if wanted(&Message::from_bytes(&bytes)?) {
                return Ok(bytes);
            }
        }
    }
}

/// A message of a stream: its head says how long it is.
async fn read_message(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
    let mut head = [0; HEAD_BYTES];
    stream.read_exact(&mut head).await?;
    let [_, _, high, low, ..] = head;
    let mut message = head.to_vec();
    message.resize(HEAD_BYTES + usize::from(u16::from_be_bytes([high, low])), 0);
    if let Some(body) = message.get_mut(HEAD_BYTES..) {
        stream.read_exact(body).await?;
    }
    Ok(message)
}

/// Who we are to the relay.
struct Account {
    username: String,
    realm: String,
    nonce: String,
    key: MessageIntegrityCredentials,
}

impl Account {
    fn sign(&self, mut request: MessageWriteVec) -> Result<Vec<u8>, StunError> {
        request.add_attribute(&Username::new(&self.username)?)?;
        request.add_attribute(&Realm::new(&self.realm)?)?;
        request.add_attribute(&Nonce::new(&self.nonce)?)?;
        request.add_message_integrity(&self.key, IntegrityAlgorithm::Sha1)?;
        Ok(request.finish())
    }
}

fn answers(message: &Message<'_>, id: TransactionId) -> bool {
    message.is_response() && message.transaction_id() == id
}

/// The answer, unless it is a refusal.
fn answered(bytes: &[u8]) -> Result<Message<'_>, StunError> {
    let message = Message::from_bytes(bytes)?;
    if message.class() == MessageClass::Success {
        Ok(message)
    } else {
        Err(refused(&message))
    }
}

fn refused(message: &Message<'_>) -> StunError {
    message
        .attribute::<ErrorCode>()
        .map_or(StunError::Missing("ERROR-CODE"), |error| StunError::Refused {
            code: error.code(),
            reason: error.reason().to_owned(),
        })
}
