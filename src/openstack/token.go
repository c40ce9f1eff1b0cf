package openstack

import (
	"context"
	"errors"
	"time"

	tokens2 "github.com/gophercloud/gophercloud/v2/openstack/identity/v2/tokens"
	tokens3 "github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"
)

// Token describes the token of a session: for whom it was issued, and what it
// allows.
type Token struct {
	User, Project, ProjectID string
	Roles                    []string
	Issued, Expires          time.Time
	// Rules are the access rules of an application credential. Restricted says
	// whether it has any: an empty list allows nothing.
	Rules      []AccessRule
	Restricted bool
}

// AccessRule is a request that an application credential allows.
type AccessRule struct {
	Service string `json:"service"`
	Method  string `json:"method"`
	Path    string `json:"path"`
}

// Token returns the token of the session. It sends no request if the session is
// authenticated.
func (s *Session) Token(ctx context.Context) (Token, error) {
	login, err := s.authenticate(ctx)
	if err != nil {
		return Token{}, err
	}
	var token Token
	switch result := login.provider.GetAuthResult().(type) {
	case tokens3.CreateResult:
		token, err = tokenV3(result)
	case tokens2.CreateResult:
		token, err = tokenV2(result)
	default:
		err = errors.New("no token in the response of Keystone")
	}
	return token, Wrap(err, "read the token")
}

// named is a part of a token that has a name.
type named struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func tokenV3(result tokens3.CreateResult) (Token, error) {
	var body struct {
		User       named     `json:"user"`
		Project    named     `json:"project"`
		Roles      []named   `json:"roles"`
		Issued     time.Time `json:"issued_at"`
		Expires    time.Time `json:"expires_at"`
		Credential struct {
			Rules *[]AccessRule `json:"access_rules"`
		} `json:"application_credential"`
	}
	if err := result.ExtractInto(&body); err != nil {
		return Token{}, err
	}
	token := Token{
		User: body.User.Name, Project: body.Project.Name, ProjectID: body.Project.ID, Issued: body.Issued, Expires: body.Expires,
	}
	for _, role := range body.Roles {
		token.Roles = append(token.Roles, role.Name)
	}
	if rules := body.Credential.Rules; rules != nil {
		token.Restricted, token.Rules = true, *rules
	}
	return token, nil
}

// tokenV2 returns a token without its time of issue, which Keystone v2 writes in
// several forms.
func tokenV2(result tokens2.CreateResult) (Token, error) {
	token, err := result.ExtractToken()
	if err != nil {
		return Token{}, err
	}
	user, err := tokens2.GetResult{CreateResult: result}.ExtractUser()
	if err != nil {
		return Token{}, err
	}
	read := Token{User: user.Name, Project: token.Tenant.Name, ProjectID: token.Tenant.ID, Expires: token.ExpiresAt}
	for _, role := range user.Roles {
		read.Roles = append(read.Roles, role.Name)
	}
	return read, nil
}
