//! The keys of the ends of a tunnel.

use std::fmt;

use base64::{Engine, prelude::BASE64_STANDARD};
use gotatun::x25519;

use super::TunnelError;

/// A private key and its public key.
#[derive(Clone)]
pub struct KeyPair {
    private: x25519::StaticSecret,
    public: PublicKey,
}

/// A public key, shown in base64 like in all WireGuard tools.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey([u8; 32]);

impl KeyPair {
    /// A new pair, from the kernel's random bytes.
    ///
    /// # Errors
    ///
    /// [`TunnelError::Random`].
    pub fn generate() -> Result<Self, TunnelError> {
        let mut private = [0; 32];
        getrandom::fill(&mut private).map_err(TunnelError::Random)?;
        Ok(Self::from_private(private))
    }

    /// The pair with this private key.
    #[must_use]
    pub fn from_private(private: [u8; 32]) -> Self {
        let private = x25519::StaticSecret::from(private);
        let public = PublicKey(x25519::PublicKey::from(&private).to_bytes());
        Self { private, public }
    }

    /// The private key, for the kernel's WireGuard or another process of the lab.
    #[must_use]
    pub fn private(&self) -> [u8; 32] {
        self.private.to_bytes()
    }

    /// The public key.
    #[must_use]
    pub const fn public(&self) -> PublicKey {
        self.public
    }

    pub(super) fn for_gotatun(&self) -> x25519::StaticSecret {
        self.private.clone()
    }
}

/// Shows only the public key, so that logs never contain the private one.
impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyPair")
            .field("public", &self.public)
            .finish_non_exhaustive()
    }
}

impl PublicKey {
    /// The key with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes of the key.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 32] {
        self.0
    }

    pub(super) fn for_gotatun(self) -> x25519::PublicKey {
        x25519::PublicKey::from(self.0)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&BASE64_STANDARD.encode(self.0))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The keys of Alice in RFC 7748, section 6.1.
    const PRIVATE: [u8; 32] = [
        0x77, 0x07, 0x6d, 0x0a, 0x73, 0x18, 0xa5, 0x7d, 0x3c, 0x16, 0xc1, 0x72, 0x51, 0xb2, 0x66,
        0x45, 0xdf, 0x4c, 0x2f, 0x87, 0xeb, 0xc0, 0x99, 0x2a, 0xb1, 0x77, 0xfb, 0xa5, 0x1d, 0xb9,
        0x2c, 0x2a,
    ];
    const PUBLIC: &str = "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=";

    #[test]
    fn the_public_key_follows_from_the_private_one() {
        let keys = KeyPair::from_private(PRIVATE);
        assert_eq!(keys.public().to_string(), PUBLIC);
        assert_eq!(keys.private(), PRIVATE);
        assert_eq!(
            PublicKey::from_bytes(keys.public().to_bytes()),
            keys.public()
        );
    }

    #[test]
    fn the_private_key_is_not_shown() {
        let shown = format!("{:?}", KeyPair::from_private(PRIVATE));
        assert_eq!(
            shown,
            format!("KeyPair {{ public: PublicKey({PUBLIC}), .. }}")
        );
    }

    #[test]
    fn no_two_generated_keys_are_alike() {
        let [one, other] = [(); 2].map(|()| KeyPair::generate().unwrap());
        assert_ne!(one.public(), other.public());
    }
}
