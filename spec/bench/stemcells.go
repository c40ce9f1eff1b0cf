package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/piston/openstack-bosh-cpi/spec/director"
	"github.com/piston/openstack-bosh-cpi/src/simulator"
)

// stemcell is the measurement of the upload of a stemcell by one program.
type stemcell struct {
	MiB     int     `json:"mib"`
	Archive int64   `json:"archive"` // bytes
	Program string  `json:"program"` // a contender, tar or curl
	Wall    samples `json:"wall"`
	CPU     samples `json:"cpu"`
	PeakMiB samples `json:"peak_mib"`
}

// measureStemcells measures create_stemcell beside the two halves of its work:
// "tar xzO" uncompresses the same archive, "curl -T" sends as many bytes to the
// same Glance. The programs take turns.
func (b *bench) measureStemcells(ctx context.Context) ([]stemcell, error) {
	on, err := b.newSite(ctx, new(simulator.Latencies).Scaled(0))
	if err != nil {
		return nil, err
	}
	defer on.close()
	var all []stemcell
	for _, mib := range b.options.stemcells {
		b.report("  stemcell of %d MiB", mib)
		measured, err := b.stemcellOf(ctx, on, mib)
		if err != nil {
			return nil, err
		}
		all = append(all, measured...)
	}
	return all, nil
}

func (b *bench) stemcellOf(ctx context.Context, on *site, mib int) (all []stemcell, err error) {
	archive := filepath.Join(b.folder, "stemcell")
	if err := director.WriteStemcell(archive, director.NewUUID(), mib); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.Remove(archive)) }()
	described, err := os.Stat(archive)
	if err != nil {
		return nil, err
	}
	programs := b.uploads(on, archive, int64(mib)<<20)
	for _, p := range programs {
		all = append(all, stemcell{MiB: mib, Archive: described.Size(), Program: p.name})
	}
	for range b.options.stemcellRuns {
		for i, p := range programs {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			used, err := p.run(ctx)
			if err != nil && p.other {
				b.report("  %s: %s", p.name, firstLine(err))
				continue
			}
			if err != nil {
				return nil, fmt.Errorf("stemcell of %d MiB: %w", mib, err)
			}
			all[i].Wall = append(all[i].Wall, seconds(used.Wall))
			all[i].CPU = append(all[i].CPU, seconds(used.CPU))
			all[i].PeakMiB = append(all[i].PeakMiB, float64(used.PeakKiB)/1024)
		}
	}
	return all, nil
}

// program is a program that does the work of create_stemcell or a part of it.
type program struct {
	name  string
	run   func(ctx context.Context) (usage, error)
	other bool // another CPI
}

// uploads returns the programs that are compared for an archive. A cache makes no
// difference, so that only the contender with one stands for this CPI.
func (b *bench) uploads(on *site, archive string, size int64) []program {
	programs := []program{
		{name: "tar xzO", run: func(ctx context.Context) (usage, error) {
			return b.measured(ctx, []string{b.options.tar, "xzOf", archive}, nil, io.Discard)
		}},
		{name: "curl -T", run: func(ctx context.Context) (usage, error) { return b.curl(ctx, on, size) }},
	}
	for _, of := range b.contenders {
		if of.name == coldName {
			continue
		}
		programs = append(programs, program{name: of.name, other: of.other, run: func(ctx context.Context) (usage, error) {
			// Another director each time, for which the image does not exist yet.
			calls, err := b.newCaller(of, on)
			if err != nil {
				return usage{}, err
			}
			life := &lifecycle{caller: calls, site: on, agentID: director.NewUUID(), image: archive}
			return life.upload(ctx)
		}})
	}
	return programs
}

// upload measures create_stemcell and deletes the image.
func (l *lifecycle) upload(ctx context.Context) (used usage, err error) {
	for _, s := range l.steps() {
		if s.method == "create_stemcell" {
			used, err = l.perform(ctx, s)
		}
	}
	return used, errors.Join(err, l.cleanUp(ctx))
}

// curl measures the upload of a sparse file to a new image, which it deletes.
func (b *bench) curl(ctx context.Context, on *site, size int64) (used usage, err error) {
	file := filepath.Join(b.folder, "sparse")
	if err := errors.Join(os.WriteFile(file, nil, 0o600), os.Truncate(file, size)); err != nil {
		return usage{}, err
	}
	defer func() { err = errors.Join(err, os.Remove(file)) }()
	var created struct{ ID string }
	err = on.cloud.Send(ctx, http.MethodPost, "image", "/images", object{"name": "bench", "disk_format": "raw", "container_format": "bare"}, &created)
	if err != nil {
		return usage{}, err
	}
	defer func() {
		err = errors.Join(err, on.cloud.Delete(context.WithoutCancel(ctx), "image", "/images/"+created.ID))
	}()
	// The token is not an argument, which all users of the machine could read.
	head := fmt.Sprintf("header = \"X-Auth-Token: %s\"\n", on.cloud.Token.Value)
	return b.measured(ctx, []string{
		b.options.curl, "--config", "-", "--silent", "--show-error", "--fail", "--header", "Content-Type: application/octet-stream",
		"--upload-file", file, on.uploads + "/images/" + created.ID + "/file",
	}, strings.NewReader(head), io.Discard)
}
