//! greenroom-server
