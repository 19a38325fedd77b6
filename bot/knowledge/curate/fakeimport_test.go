package curate_test

import (
	"cmp"
	"context"
	"slices"
	"time"

	"deskmate/model"
)

func (s *store) CreateImport(_ context.Context, imp model.Import) error {
	return s.call("CreateImport", func() error {
		s.imports[imp.ID] = imp
		return nil
	})
}

func (s *store) Import(_ context.Context, _, id uint64) (imp model.Import, err error) {
	err = s.call("Import", func() error {
		var ok bool
		if imp, ok = s.imports[id]; !ok {
			return model.ErrNotFound
		}
		return nil
	})
	return imp, err
}

func (s *store) Imports(_ context.Context, _, before uint64, limit int) ([]model.Import, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []model.Import
	for _, imp := range s.imports {
		if before == 0 || imp.ID < before {
			list = append(list, imp)
		}
	}
	slices.SortFunc(list, func(a, b model.Import) int { return cmp.Compare(b.ID, a.ID) })
	return list[:min(len(list), limit)], nil
}

func (s *store) MoveImport(_ context.Context, imp model.Import, from model.ImportState) error {
	return s.call("MoveImport", func() error {
		now, ok := s.imports[imp.ID]
		if !ok || now.State != from || imp.Owner != "" && now.Owner != imp.Owner {
			return model.ErrStale
		}
		if imp.State != from {
			imp.Owner, imp.UntilMS = "", 0
		}
		s.imports[imp.ID] = imp
		return nil
	})
}

func (s *store) ClaimImport(_ context.Context, owner string, lease time.Duration) (claimed model.Import, err error) {
	err = s.call("ClaimImport", func() error {
		now := model.MS(s.now())
		for id, imp := range s.imports {
			if imp.State.Working() && imp.UntilMS <= now {
				imp.Owner, imp.UntilMS = owner, now+lease.Milliseconds()
				s.imports[id], claimed = imp, imp
				return nil
			}
		}
		return model.ErrNotFound
	})
	return claimed, err
}

func (s *store) KeepImport(_ context.Context, imp model.Import, done, total int, lease time.Duration) error {
	return s.call("KeepImport", func() error {
		now, ok := s.imports[imp.ID]
		if !ok || now.State != imp.State || now.Owner != imp.Owner {
			return model.ErrFenced
		}
		now.Done, now.Total, now.UntilMS = done, total, model.MS(s.now())+lease.Milliseconds()
		s.imports[imp.ID] = now
		return nil
	})
}
