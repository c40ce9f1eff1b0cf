package nova

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

	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/api"
	"github.com/piston/openstack-bosh-cpi/src/simulator/internal/world"
)

// keyPair is a public SSH key of a user.
type keyPair struct {
	name, publicKey, fingerprint, userID string
	row                                  int
	created                              time.Time
}

func (n *Service) addKeyPairs() {
	public, _ := n.newKey()
	fingerprint, _ := fingerprintOf(public)
	n.keyPairs = []*keyPair{{
		name: n.world.Fixtures.KeyPair, publicKey: public, fingerprint: fingerprint, userID: n.world.Fixtures.UserID, row: 1, created: n.world.Now(),
	}}
	n.Frontend.Handle("GET /os-keypairs", n.listKeyPairs, "limit", "marker")
	n.Frontend.Handle("POST /os-keypairs", n.createKeyPair)
	n.Frontend.Handle("GET /os-keypairs/{name}", n.showKeyPair)
	n.Frontend.Handle("DELETE /os-keypairs/{name}", n.deleteKeyPair)
}

// newKey creates a key: the line for authorized_keys and the PEM of the private
// key.
func (n *Service) newKey() (public, private string) {
	key := ed25519.NewKeyFromSeed(n.world.RandomBytes(ed25519.SeedSize))
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

// fingerprintOf returns the MD5 of a public key with colons. ok is false for an
// invalid key.
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

// DeleteKeyPair deletes the key pairs with the name, of all users.
func (n *Service) DeleteKeyPair(name string) {
	n.keyPairs = slices.DeleteFunc(n.keyPairs, func(k *keyPair) bool { return k.name == name })
}

// findKeyPair returns a key pair of the user, nil for none.
func (n *Service) findKeyPair(c *api.Call, name string) *keyPair {
	i := slices.IndexFunc(n.keyPairs, func(k *keyPair) bool { return k.name == name && k.userID == c.UserID })
	if i < 0 {
		return nil
	}
	return n.keyPairs[i]
}

func keyPairDocument(c *api.Call, k *keyPair) api.Object {
	document := api.Object{"name": k.name, "public_key": k.publicKey, "fingerprint": k.fingerprint}
	if c.Microversion >= keyPairType {
		document["type"] = "ssh"
	}
	return document
}

// listKeyPairs answers the user's key pairs, in pages since microversion 2.35.
func (n *Service) listKeyPairs(c *api.Call) (api.Answer, error) {
	var own []*keyPair
	for _, k := range n.keyPairs {
		if k.userID == c.UserID {
			own = append(own, k)
		}
	}
	slices.SortFunc(own, func(a, b *keyPair) int { return strings.Compare(a.name, b.name) })
	show := func(k *keyPair) api.Object { return api.Object{"keypair": keyPairDocument(c, k)} }
	if c.Microversion < keyPairPages {
		return api.OK(api.Object{"keypairs": api.Documents(own, show)})
	}
	return pageOf(c, "keypairs", own, func(k *keyPair) string { return k.name }, show)
}

func (n *Service) keyPairNotFound(c *api.Call) error {
	return api.Refuse(http.StatusNotFound, "Keypair "+c.Path["name"]+" not found for user "+c.UserID)
}

func (n *Service) showKeyPair(c *api.Call) (api.Answer, error) {
	k := n.findKeyPair(c, c.Path["name"])
	if k == nil {
		return api.Answer{}, n.keyPairNotFound(c)
	}
	document := keyPairDocument(c, k)
	document["user_id"], document["id"], document["deleted"] = k.userID, k.row, false
	document["created_at"] = world.Microseconds(k.created.Truncate(time.Second))
	document["deleted_at"], document["updated_at"] = nil, nil
	return api.OK(api.Object{"keypair": document})
}

func (n *Service) createKeyPair(c *api.Call) (api.Answer, error) {
	var body struct {
		KeyPair *struct {
			Name      string  `json:"name"`
			PublicKey *string `json:"public_key"`
			Type      *string `json:"type"`
			UserID    *string `json:"user_id"`
		} `json:"keypair"`
	}
	if err := c.Decode(&body); err != nil {
		return api.Answer{}, err
	}
	want := body.KeyPair
	switch {
	case want == nil:
		return api.Answer{}, api.Required("", "keypair", nil)
	case want.Name == "":
		return api.Answer{}, api.Required("keypair", "name", api.ValueAt(c.Body, "keypair"))
	case want.PublicKey == nil && c.Microversion >= importedKeysOnly:
		return api.Answer{}, api.Required("keypair", "public_key", api.ValueAt(c.Body, "keypair"))
	case n.findKeyPair(c, want.Name) != nil:
		return api.Answer{}, api.Refuse(http.StatusConflict, "Key pair '"+want.Name+"' already exists.")
	case n.world.Exceeds("key_pairs", len(n.keyPairs)+1):
		return api.Answer{}, api.Refuse(http.StatusForbidden, "Quota exceeded, too many key pairs.")
	}
	k := &keyPair{name: want.Name, userID: c.UserID, row: len(n.keyPairs) + 1, created: n.world.Now()}
	private := ""
	if want.PublicKey != nil {
		k.publicKey = *want.PublicKey
	} else {
		k.publicKey, private = n.newKey()
	}
	var valid bool
	if k.fingerprint, valid = fingerprintOf(k.publicKey); !valid {
		return api.Answer{}, api.Refuse(http.StatusBadRequest, "Keypair data is invalid: failed to generate fingerprint")
	}
	n.keyPairs = append(n.keyPairs, k)
	document := keyPairDocument(c, k)
	document["user_id"] = k.userID
	if private != "" {
		document["private_key"] = private
	}
	status := http.StatusOK
	if c.Microversion >= keyPairType {
		status = http.StatusCreated
	}
	return api.Reply(status, api.Object{"keypair": document})
}

// deleteKeyPair deletes a key pair. Servers keep its name.
func (n *Service) deleteKeyPair(c *api.Call) (api.Answer, error) {
	k := n.findKeyPair(c, c.Path["name"])
	if k == nil {
		return api.Answer{}, n.keyPairNotFound(c)
	}
	n.keyPairs = slices.DeleteFunc(n.keyPairs, func(other *keyPair) bool { return other == k })
	if c.Microversion >= keyPairType {
		return api.Reply(http.StatusNoContent, nil)
	}
	return api.Reply(http.StatusAccepted, nil)
}
