import Device

/// The flags of every command that connects to a peer, beside the peer's own. With --ca the peer is spoken to over TLS.
let tlsFlags = [
  Flag(name: "ca", placeholder: "FILE", help: "speak TLS to the peer, whose certificate must come from an authority in this file"),
  Flag(name: "certificate", placeholder: "FILE", help: "the certificate by which the peer knows this device (with --ca and --key)"),
  Flag(name: "key", placeholder: "FILE", help: "that certificate's private key"),
  Flag(name: "server-name", placeholder: "NAME", help: "the name that the peer's certificate must carry (default: the peer's host)"),
]

/// What those flags bring; nil where TLS is not wanted.
func tlsFiles(_ arguments: Arguments) throws(CommandError) -> TLSFiles? {
  guard let authority = arguments["ca"] else {
    for flag in tlsFlags where arguments.has(flag.name) {
      throw .usage(.missingFlag("ca", why: "--\(flag.name) has a meaning only with TLS, which --ca turns on"))
    }
    return nil
  }
  switch (arguments["certificate"], arguments["key"]) {
  case (let certificate?, let key?):
    return TLSFiles(authority: authority, identity: (certificate, key), serverName: arguments["server-name"])
  case (nil, nil): return TLSFiles(authority: authority, identity: nil, serverName: arguments["server-name"])
  case (nil, _): throw .usage(.missingFlag("certificate", why: "--key belongs to it"))
  case (_, nil): throw .usage(.missingFlag("key", why: "--certificate is of no use without it"))
  }
}
