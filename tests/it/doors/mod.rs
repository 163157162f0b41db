//! The doors that other programs already know, over one bundle of invented releases of everything.

mod agreement;
mod mcp;
mod nlm;
mod support;
mod who;
