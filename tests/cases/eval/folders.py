"""A tree of folders and files, indented with tabs."""

import functools
import os


@functools.total_ordering
class Node:
	__slots__ = ("name", "parent", "children", "size")

	def __init__(self, name, parent=None, size=0):
		self.name = name
		self.parent = parent
		self.children = []
		self.size = size

	def __eq__(self, other):
		return isinstance(other, Node) and self.path == other.path

	def __lt__(self, other):
		return self.path < other.path

	def __hash__(self):
		return hash(self.path)

	@property
	def path(self):
		if self.parent is None:
			return self.name
		return os.path.join(self.parent.path, self.name)

	def walk(self):
		yield self
		for child in sorted(self.children):
			yield from child.walk()

	def total(self):
		return self.size + sum(child.total() for child in self.children)

	def find(self, predicate):
		return [node for node in self.walk() if predicate(node)]


def scan(path, parent=None, *, hidden=False):
	node = Node(os.path.basename(path) if parent else path, parent)
	try:
		with os.scandir(path) as entries:
			for entry in entries:
				if entry.name.startswith(".") and not hidden:
					continue
				if entry.is_dir(follow_symlinks=False):
					node.children.append(scan(entry.path, node, hidden=hidden))
				elif entry.is_file():
					node.children.append(Node(entry.name, node, entry.stat().st_size))
	except PermissionError:
		pass
	return node


def human(size):
	for unit in "B", "KiB", "MiB", "GiB":
		if size < 1024:
			return f"{size:.0f} {unit}"
		size /= 1024
	return f"{size:.1f} TiB"
