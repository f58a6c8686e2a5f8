//! Bits that nobody can guess: what an answer must give back, and names that nobody has.

use super::Refusal;
use ring::rand::{SecureRandom as _, SystemRandom};

/// Random bytes of the system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Refusal> {
    let mut bytes = [0; N];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_unspecified| {
            Refusal::Unavailable("the system gives no random bits".to_owned())
        })?;
    Ok(bytes)
}
