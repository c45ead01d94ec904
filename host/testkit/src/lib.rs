//! greenroom-testkit
