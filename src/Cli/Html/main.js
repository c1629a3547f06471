const page = JSON.parse(document.getElementById('data').textContent);
const draw = { profile: profilePage, costs: costsPage, compare: comparePage, graph: graphPage, training: trainingPage, loop: loopPage }[page.kind];
document.getElementById('page').replaceChildren(...draw(page).flat(Infinity).filter(Boolean));
