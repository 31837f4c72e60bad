package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
)

// textNames returns the names of the methods that return a string and of the fields that
// hold one, unless the Go files of the folder have another type under the same name.
func textNames(dir string) (map[string]bool, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	texts := map[string]bool{}
	note := func(name string, typ ast.Expr) {
		id, ok := typ.(*ast.Ident)
		text := ok && id.Name == "string"
		before, known := texts[name]
		texts[name] = text && (before || !known)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_gen.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Type.Results != nil && len(n.Type.Results.List) > 0 {
					note(n.Name.Name, n.Type.Results.List[0].Type)
				}
			case *ast.StructType:
				for _, field := range n.Fields.List {
					for _, name := range field.Names {
						note(name.Name, field.Type)
					}
				}
			}
			return true
		})
	}
	return texts, nil
}
