package simulator

import (
	"crypto/ed25519"
	"crypto/md5"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/pem"
	"net/http"
	"slices"
	"strings"
	"time"
)

// keyPair is a public SSH key of a user.
type keyPair struct {
	name, publicKey, fingerprint, userID string
	row                                  int
	created                              time.Time
}

func (n *nova) addKeyPairs() {
	public, _ := n.newKey()
	fingerprint, _ := fingerprintOf(public)
	n.keyPairs = []*keyPair{{
		name: n.fixtures.KeyPair, publicKey: public, fingerprint: fingerprint, userID: n.fixtures.UserID, row: 1, created: n.now,
	}}
	n.handle(n.service, "GET /os-keypairs", n.listKeyPairs, "limit", "marker")
	n.handle(n.service, "POST /os-keypairs", n.createKeyPair)
	n.handle(n.service, "GET /os-keypairs/{name}", n.showKeyPair)
}

// newKey makes a key: the line for authorized_keys and the PEM of the private half.
func (n *nova) newKey() (public, private string) {
	seed := make([]byte, ed25519.SeedSize)
	for i := 0; i < len(seed); i += 8 {
		binary.BigEndian.PutUint64(seed[i:], n.random.Uint64())
	}
	key := ed25519.NewKeyFromSeed(seed)
	const kind = "ssh-ed25519"
	blob := binary.BigEndian.AppendUint32(nil, uint32(len(kind)))
	blob = append(blob, kind...)
	blob = binary.BigEndian.AppendUint32(blob, ed25519.PublicKeySize)
	blob = append(blob, key[ed25519.SeedSize:]...)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		panic(err) // an ed25519 key can always be written
	}
	return kind + " " + base64.StdEncoding.EncodeToString(blob) + " Generated-by-Nova",
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// fingerprintOf is the MD5 of a public key with colons; ok is false for what is no key.
func fingerprintOf(public string) (fingerprint string, ok bool) {
	fields := strings.Fields(public)
	if len(fields) < 2 {
		return "", false
	}
	blob, err := base64.StdEncoding.DecodeString(fields[1])
	if err != nil || len(blob) < 8 {
		return "", false
	}
	sum := md5.Sum(blob)
	pairs := []string{}
	for pair := range slices.Chunk([]byte(hex.EncodeToString(sum[:])), 2) {
		pairs = append(pairs, string(pair))
	}
	return strings.Join(pairs, ":"), true
}

// findKeyPair returns a key pair of the user, nil when there is none.
func (n *nova) findKeyPair(c *call, name string) *keyPair {
	i := slices.IndexFunc(n.keyPairs, func(k *keyPair) bool { return k.name == name && k.userID == c.UserID })
	if i < 0 {
		return nil
	}
	return n.keyPairs[i]
}

func keyPairDocument(c *call, k *keyPair) object {
	document := object{"name": k.name, "public_key": k.publicKey, "fingerprint": k.fingerprint}
	if c.microversion >= keyPairType {
		document["type"] = "ssh"
	}
	return document
}

// listKeyPairs knows pages from microversion 2.35 on.
func (n *nova) listKeyPairs(c *call) (answer, error) {
	var own []*keyPair
	for _, k := range n.keyPairs {
		if k.userID == c.UserID {
			own = append(own, k)
		}
	}
	slices.SortFunc(own, func(a, b *keyPair) int { return strings.Compare(a.name, b.name) })
	show := func(k *keyPair) object { return object{"keypair": keyPairDocument(c, k)} }
	if c.microversion < keyPairPages {
		return ok(object{"keypairs": documents(own, show)})
	}
	return novaPage(c, "keypairs", own, func(k *keyPair) string { return k.name }, show)
}

func (n *nova) keyPairNotFound(c *call) error {
	return refuse(http.StatusNotFound, "Keypair "+c.path["name"]+" not found for user "+c.UserID)
}

func (n *nova) showKeyPair(c *call) (answer, error) {
	k := n.findKeyPair(c, c.path["name"])
	if k == nil {
		return answer{}, n.keyPairNotFound(c)
	}
	document := keyPairDocument(c, k)
	document["user_id"], document["id"], document["deleted"] = k.userID, k.row, false
	document["created_at"] = microseconds(k.created.Truncate(time.Second))
	document["deleted_at"], document["updated_at"] = nil, nil
	return ok(object{"keypair": document})
}

func (n *nova) createKeyPair(c *call) (answer, error) {
	var body struct {
		KeyPair *struct {
			Name      string  `json:"name"`
			PublicKey *string `json:"public_key"`
			Type      *string `json:"type"`
			UserID    *string `json:"user_id"`
		} `json:"keypair"`
	}
	if err := c.decode(&body); err != nil {
		return answer{}, err
	}
	want := body.KeyPair
	switch {
	case want == nil:
		return answer{}, required("", "keypair", nil)
	case want.Name == "":
		return answer{}, required("keypair", "name", valueAt(c.body, "keypair"))
	case want.PublicKey == nil && c.microversion >= importedKeysOnly:
		return answer{}, required("keypair", "public_key", valueAt(c.body, "keypair"))
	case n.findKeyPair(c, want.Name) != nil:
		return answer{}, refuse(http.StatusConflict, "Key pair '"+want.Name+"' already exists.")
	case n.exceeds("key_pairs", len(n.keyPairs)+1):
		return answer{}, refuse(http.StatusForbidden, "Quota exceeded, too many key pairs.")
	}
	k := &keyPair{name: want.Name, userID: c.UserID, row: len(n.keyPairs) + 1, created: n.now}
	private := ""
	if want.PublicKey != nil {
		k.publicKey = *want.PublicKey
	} else {
		k.publicKey, private = n.newKey()
	}
	var valid bool
	if k.fingerprint, valid = fingerprintOf(k.publicKey); !valid {
		return answer{}, refuse(http.StatusBadRequest, "Keypair data is invalid: failed to generate fingerprint")
	}
	n.keyPairs = append(n.keyPairs, k)
	document := keyPairDocument(c, k)
	document["user_id"] = k.userID
	if private != "" {
		document["private_key"] = private
	}
	status := http.StatusOK
	if c.microversion >= keyPairType {
		status = http.StatusCreated
	}
	return reply(status, object{"keypair": document})
}
