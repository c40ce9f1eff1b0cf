package openstack

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"

	"github.com/piston/openstack-bosh-cpi/src/config"
)

// clientCertificates returns the certificate for services that require one of
// their clients; none if none is configured.
func clientCertificates(c config.Connection) ([]tls.Certificate, error) {
	certificate, err := textOrFile(c.ClientCertPEM, c.ClientCert)
	if err != nil {
		return nil, fmt.Errorf("read the client certificate: %w", err)
	}
	key, err := textOrFile(c.ClientKeyPEM.Reveal(), c.ClientKey)
	if err != nil {
		return nil, fmt.Errorf("read the client certificate's key: %w", err)
	}
	if len(certificate) == 0 && len(key) == 0 {
		return nil, nil
	}
	if len(key) == 0 {
		key = certificate // one file with both
	}
	if len(certificate) == 0 {
		return nil, errors.New("connection_options: client_key needs client_cert")
	}
	if key, err = decrypt(key, c.ClientKeyPass); err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return nil, fmt.Errorf("connection_options: client_cert and client_key: %w", err)
	}
	return []tls.Certificate{pair}, nil
}

func textOrFile(text, file string) ([]byte, error) {
	if text != "" || file == "" {
		return []byte(text), nil
	}
	return os.ReadFile(file)
}

// decrypt decrypts a key in OpenSSL's traditional format. For the formats that
// the standard library does not support, the error names the command that
// converts the key.
func decrypt(key []byte, passphrase config.Secret) ([]byte, error) {
	for block, rest := pem.Decode(key); block != nil; block, rest = pem.Decode(rest) {
		switch {
		case block.Type == "ENCRYPTED PRIVATE KEY":
			return nil, errors.New("connection_options.client_key is encrypted in a form that is not supported (PKCS #8); decrypt it with `openssl pkey -in key.pem -out plain.pem`")
		case x509.IsEncryptedPEMBlock(block): //nolint:staticcheck // insecure, but operators have such keys
			plain, err := x509.DecryptPEMBlock(block, []byte(passphrase.Reveal())) //nolint:staticcheck // as above
			if err != nil {
				return nil, fmt.Errorf("decrypt connection_options.client_key with client_key_pass: %w", err)
			}
			return pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: plain}), nil
		}
	}
	return key, nil
}
