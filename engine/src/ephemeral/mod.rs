//! State that ends by itself: ceremonies, and requests saved across a sign-in.

pub(crate) mod ceremony;
pub(crate) mod saved_request;
pub(crate) mod store;
