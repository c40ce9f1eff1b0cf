package main

import (
	"fmt"
	"slices"
)

// chart is a picture as the program plot reads it.
type chart struct {
	File       string   `json:"file"`
	Title      string   `json:"title"`
	Kind       string   `json:"kind"`
	Categories []string `json:"categories,omitempty"`
	X          axis     `json:"x"`
	Y          axis     `json:"y"`
	Series     []series `json:"series"`
}

type axis struct {
	Label string `json:"label"`
	Log   bool   `json:"log"`
}

type series struct {
	Name  string    `json:"name"`
	Color int       `json:"color"`
	X     []float64 `json:"x,omitempty"`
	Y     []float64 `json:"y"`
}

// leastColor is the color of the cloud's own time, otherColor that of the CPI
// that is compared. This one has those before.
const (
	leastColor = 2
	otherColor = 3
)

func (v *view) colorOf(contender string) int {
	if i := slices.Index([]string{warmName, coldName}, contender); i >= 0 {
		return i
	}
	return otherColor
}

// charts returns the pictures of the parts that were measured.
func (v *view) charts() []chart {
	var all []chart
	add := func(measured int, made chart) {
		if measured > 0 {
			made.File = v.prefix + "-" + made.File + ".svg"
			all = append(all, made)
		}
	}
	add(len(v.Methods), v.methodChart())
	add(len(v.Boots), v.bootChart())
	add(len(v.Deployments), v.deploymentChart())
	add(len(v.Growth), v.growthChart())
	add(len(v.Stemcells), v.stemcellChart())
	return all
}

func (v *view) methodChart() chart {
	c := chart{
		File: "methods", Title: "One call of each method, median", Kind: "dots", Categories: v.methodNames(),
		X: axis{Label: "seconds", Log: true},
	}
	least := series{Name: "the cloud's own time", Color: leastColor}
	for _, name := range c.Categories {
		least.Y = append(least.Y, v.ofContender(warmName)[name].Minimum)
	}
	if slices.Max(append(least.Y, 0)) > 0 {
		c.Series = append(c.Series, least)
	}
	for _, of := range v.Contenders {
		s := series{Name: of, Color: v.colorOf(of)}
		for _, name := range c.Categories {
			s.Y = append(s.Y, v.ofContender(of)[name].Wall.median())
		}
		c.Series = append(c.Series, s)
	}
	return c
}

func (v *view) bootChart() chart {
	c := chart{
		File: "boots", Title: "create_vm beyond the cloud's own time, median", Kind: "lines",
		X: axis{Label: "boot of the VM in seconds"}, Y: axis{Label: "seconds"},
	}
	for _, of := range v.Contenders {
		s := series{Name: of, Color: v.colorOf(of)}
		for _, b := range v.Boots {
			if b.Contender == of && len(b.Wall) > 0 {
				s.X, s.Y = append(s.X, b.Boot), append(s.Y, max(0, b.Wall.median()-b.Minimum))
			}
		}
		if len(s.X) > 0 {
			c.Series = append(c.Series, s)
		}
	}
	return c
}

func (v *view) deploymentChart() chart {
	c := chart{File: "deployments", Title: "Requests per VM of a deployment", Kind: "stacks", Y: axis{Label: "requests"}}
	colors := map[string]int{"identity": 1, "compute": 0, "volume": 4, "network": 3, "image": 5}
	for _, d := range v.Deployments {
		c.Categories = append(c.Categories, fmt.Sprintf("%d @ %d %s", d.VMs, d.Processes, d.Contender))
	}
	for _, service := range services() {
		color, drawn := colors[service]
		if !drawn {
			continue
		}
		s := series{Name: service, Color: color}
		for _, d := range v.Deployments {
			s.Y = append(s.Y, float64(d.Requests[service])/float64(d.VMs))
		}
		c.Series = append(c.Series, s)
	}
	return c
}

// growthChart shows create_vm, which lists flavors without a cache, and has_vm,
// which stands for the methods that list nothing.
func (v *view) growthChart() chart {
	c := chart{
		File: "growth", Title: "Bytes of one call", Kind: "lines",
		X: axis{Label: "objects of each kind in the project", Log: true}, Y: axis{Label: "KiB", Log: true},
	}
	for i, shown := range []struct{ name, contender string }{
		{"create_vm", warmName},
		{"create_vm", coldName},
		{"has_vm", warmName},
		{"calculate_vm_cloud_properties", warmName},
		{"delete_vm", warmName},
	} {
		s := series{Name: shown.name + " " + shown.contender, Color: i}
		for _, g := range v.Growth {
			if g.Name == shown.name && g.Contender == shown.contender && g.Bytes > 0 {
				s.X, s.Y = append(s.X, float64(g.Objects)), append(s.Y, float64(g.Bytes)/1024)
			}
		}
		if len(s.X) > 0 {
			c.Series = append(c.Series, s)
		}
	}
	return c
}

func (v *view) stemcellChart() chart {
	c := chart{
		File: "stemcells", Title: "Upload of a stemcell, median", Kind: "lines",
		X: axis{Label: "size of the image in MiB"}, Y: axis{Label: "seconds"},
	}
	var programs []string
	for _, s := range v.Stemcells {
		if !slices.Contains(programs, s.Program) {
			programs = append(programs, s.Program)
		}
	}
	for i, program := range programs {
		line := series{Name: program, Color: []int{leastColor, 4}[min(i, 1)]}
		if slices.Contains(v.Contenders, program) {
			line.Color = v.colorOf(program)
		}
		if program == warmName {
			line.Name = "create_stemcell"
		}
		for _, s := range v.Stemcells {
			if s.Program == program && len(s.Wall) > 0 {
				line.X, line.Y = append(line.X, float64(s.MiB)), append(line.Y, s.Wall.median())
			}
		}
		if len(line.X) > 0 {
			c.Series = append(c.Series, line)
		}
	}
	return c
}
