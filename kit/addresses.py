"""What of a caller's network address tells callers apart. Pure."""

from ipaddress import IPv6Address, ip_address, ip_network

# What one household or one phone is given whole (RFC 6177): whoever has it has 2^64 addresses.
_PREFIX = 64


def caller_network(address: str) -> str:
    """An IPv4 address as it is, of an IPv6 one its network; what is no address stays as it is."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ip_network((parsed, _PREFIX), strict=False))
