// A name of its own, since nobody imports it; a word alone may be one that Go keeps for itself.
module example/{name}

go 1.27

{sdk}
