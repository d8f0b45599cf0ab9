//! What went wrong with an answer that began well.

use std::io;

use crate::gateway::{Cause, GatewayError};
use crate::model::Failure;
use crate::protocol::{DecodeError, WireError, own_code};

use super::super::failure::{self, Context};
use super::attempt::Trouble;

/// How reading an answer ended.
pub(super) struct End {
    pub(super) status: u16,
    pub(super) transport: Option<GatewayError>,
    pub(super) decoding: Option<DecodeError<io::Error>>,
    /// What the answer itself says, or what we say of it.
    pub(super) told: Option<WireError>,
}

impl End {
    /// What went wrong, the most telling first.
    pub(super) fn trouble(self, context: &Context<'_>, head: &[u8]) -> Option<Trouble> {
        let Self {
            status,
            transport,
            decoding,
            told,
        } = self;
        if transport
            .as_ref()
            .is_some_and(|error| error.cause == Cause::Canceled)
        {
            return Some(Trouble::last(failure::canceled_after_sending()));
        }
        if let Some(error) = decoding {
            return Some(Trouble::last(context.of_decoding(status, &error, head)));
        }
        // That something is missing says less than how the connection broke; what the gateway says tells more.
        let is_missing = told.as_ref().is_some_and(|error| {
            matches!(
                error.code.as_deref(),
                Some(own_code::NO_IMAGE | own_code::STREAM_CUT)
            )
        });
        let is_cut = is_missing || (told.is_none() && transport.is_some());
        let failure = match (told, transport) {
            (Some(told), None) => context.of_answer(status, &told, head),
            (Some(told), Some(_)) if !is_missing => context.of_answer(status, &told, head),
            (_, Some(error)) => Failure {
                status: Some(status),
                raw: context.raw(head),
                ..context.of_transport(&error)
            },
            (None, None) => return None,
        };
        Some(Trouble {
            is_cut,
            ..Trouble::last(failure)
        })
    }
}
