package persisted

import "iter"

// Modes lists every mode.
func Modes() []Mode { return []Mode{ModeAllow, ModeLog, ModeSafelist, ModeRequireID} }

// Trusted returns the texts of the manifest, in its order.
func (d *Documents) Trusted() iter.Seq[string] {
	m := d.manifest.Load()
	return func(yield func(string) bool) {
		for i := range m.operations {
			if !yield(m.operations[i].Body) {
				return
			}
		}
	}
}
