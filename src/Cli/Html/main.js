const page = JSON.parse(document.getElementById('data').textContent);
const draw = { profile: profilePage, costs: costsPage, compare: comparePage, graph: graphPage, training: trainingPage, loop: loopPage, prune: prunePage, search: searchPage }[page.kind];
document.getElementById('page').replaceChildren(...draw(page).flat(Infinity).filter(Boolean));
