//! Who somebody is (RFC 8760, RFC 7616).
